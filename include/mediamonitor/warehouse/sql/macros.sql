-- Expressions that several statements share; made anew whenever a warehouse is opened, and never stored in it.

-- A spreadsheet would run a cell that begins like a formula; it gets an apostrophe before it (contract §4).
CREATE OR REPLACE TEMP MACRO sheet_cell(text) AS regexp_replace(text, '^([=+@\t\r-])', '''\1');
