SELECT id FROM "{{schema}}_2".t
