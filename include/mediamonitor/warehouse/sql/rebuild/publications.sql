SELECT * FROM publications;
