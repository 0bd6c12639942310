SELECT code, n FROM parcels ORDER BY 1, 2
