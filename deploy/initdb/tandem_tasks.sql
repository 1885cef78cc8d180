-- The image makes one database; the pair has two.
CREATE DATABASE tandem_tasks;
