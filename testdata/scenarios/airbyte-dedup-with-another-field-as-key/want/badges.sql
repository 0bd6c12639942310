SELECT door, badge, holder FROM badges ORDER BY 1, 2
