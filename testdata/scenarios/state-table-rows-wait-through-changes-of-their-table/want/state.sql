SELECT id, state FROM _singular_state
