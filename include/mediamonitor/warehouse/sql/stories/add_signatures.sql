INSERT INTO signatures SELECT number, published_on, bands, heads, is_short FROM signed;
