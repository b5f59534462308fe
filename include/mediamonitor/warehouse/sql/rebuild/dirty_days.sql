SELECT * FROM dirty_days;
