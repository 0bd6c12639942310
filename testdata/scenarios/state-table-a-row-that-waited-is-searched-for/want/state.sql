SELECT state FROM _singular_state
