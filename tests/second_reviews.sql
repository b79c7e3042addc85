-- What Scarp's second review database held, as its own code wrote it: no kind, nothing of what was on the screen, no uid.
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
	latitude FLOAT,
	longitude FLOAT,
	event_date VARCHAR(10),
	inventory_id VARCHAR(64),
	PRIMARY KEY (id)
);
INSERT INTO "verdicts" VALUES(1,'2026-11-29 12:12:18.232702','A. Expert','built in','171','landslide','clear track','demo','2022-09-17','2023-02-24',1,35.86,-121.43,'2022-12-30','0123456789abcdef');
INSERT INTO "verdicts" VALUES(2,'2026-11-29 12:12:18.251017','Bo','The link','12','unusable','Nebel, gelb','stac','2022-09-17','2023-02-24',0,46.5,11.3,'','0123456789abcdef');
INSERT INTO "verdicts" VALUES(3,'2026-11-29 12:12:18.266941','A. Expert','built in','171','no-change','','demo','2022-09-17','2023-02-24',1,35.86,-121.43,'2022-12-30','0123456789abcdef');
CREATE INDEX ix_verdicts_event ON verdicts (event);
COMMIT;
