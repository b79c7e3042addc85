-- What Scarp's first review database held, as its own code wrote it: no place, no event date, no identity.
BEGIN TRANSACTION;
CREATE TABLE verdicts (
	id INTEGER NOT NULL,
	made_at DATETIME NOT NULL,
	reviewer VARCHAR(100) NOT NULL,
	inventory VARCHAR(200) NOT NULL,
	event VARCHAR(200) NOT NULL,
	verdict VARCHAR(20) NOT NULL,
	note VARCHAR(2000) NOT NULL,
	source VARCHAR(50) NOT NULL,
	t1 VARCHAR(10) NOT NULL,
	t2 VARCHAR(10) NOT NULL,
	simulated BOOLEAN NOT NULL,
	PRIMARY KEY (id)
);
INSERT INTO "verdicts" VALUES(1,'2024-05-14 09:30:01.288709','A. Expert','The built-in list','171','landslide','clear track','demo','2022-09-17','2023-02-24',1);
INSERT INTO "verdicts" VALUES(2,'2024-05-14 09:30:02.288709','Bo','inventory.csv','12','no-change','','stac','2018-05-07','2018-10-24',0);
INSERT INTO "verdicts" VALUES(3,'2024-05-14 09:30:03.288709','Bo','The link','12','unsure','gelb, Rutschung?','stac','2018-05-07','2018-10-24',0);
CREATE INDEX ix_verdicts_event ON verdicts (event);
COMMIT;
