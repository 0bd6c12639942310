SELECT id, email, "valid from", valid_to, "isCurrent" FROM users ORDER BY id, "valid from"
