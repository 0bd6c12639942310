SELECT item, price, _singular_start, _singular_end, _singular_active FROM prices ORDER BY item, _singular_start, _singular_end
