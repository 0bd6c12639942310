SELECT email FROM users WHERE timestamptz '2023-03-02 12:00:00Z' BETWEEN _singular_start AND _singular_end ORDER BY id
