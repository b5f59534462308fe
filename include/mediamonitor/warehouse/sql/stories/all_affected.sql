-- Every article that has a signature.
CREATE OR REPLACE TEMP TABLE affected AS SELECT number FROM signatures;
