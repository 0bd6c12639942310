SELECT id, 'stock'::regclass::oid <> old AS exchanged FROM stock, log
