SELECT stream, line FROM _singular_rejected
