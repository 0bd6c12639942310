SELECT id, guest FROM whole ORDER BY id
