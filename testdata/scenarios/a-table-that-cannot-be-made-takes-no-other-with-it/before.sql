CREATE TYPE orders AS ENUM ('open', 'paid');
