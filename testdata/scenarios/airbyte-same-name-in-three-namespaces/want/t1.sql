SELECT id FROM "{{schema}}_1".t
