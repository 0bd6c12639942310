SELECT tag, n FROM tags ORDER BY 1, 2
