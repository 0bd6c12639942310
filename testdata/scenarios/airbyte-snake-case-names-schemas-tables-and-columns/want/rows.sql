SELECT order_id, first_name, value_added_tax, ship_to__zip_code, created_at FROM orders
