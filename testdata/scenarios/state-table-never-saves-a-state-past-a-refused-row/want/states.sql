SELECT id, state FROM _singular_state ORDER BY 1
