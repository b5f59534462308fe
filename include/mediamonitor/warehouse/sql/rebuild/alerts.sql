SELECT * FROM alerts;
