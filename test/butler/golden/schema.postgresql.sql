CREATE SEQUENCE IF NOT EXISTS dimension_graph_key_seq_id;
CREATE SEQUENCE IF NOT EXISTS collection_seq_collection_id;
CREATE SEQUENCE IF NOT EXISTS dataset_type_seq_id;
CREATE SEQUENCE IF NOT EXISTS dataset_calibs_00000001_seq_id;
CREATE SEQUENCE IF NOT EXISTS dataset_calibs_00000002_seq_id;
CREATE TABLE butler_attributes (
	name TEXT NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (name)
);
CREATE TABLE dimension_graph_key (
	id BIGINT NOT NULL,
	PRIMARY KEY (id)
);
CREATE TABLE dimension_graph_definition (
	dimension_graph_id BIGINT NOT NULL,
	dimension_name TEXT NOT NULL,
	PRIMARY KEY (dimension_graph_id, dimension_name)
);
CREATE TABLE collection (
	collection_id BIGINT NOT NULL,
	name TEXT NOT NULL,
	type SMALLINT NOT NULL,
	doc TEXT,
	PRIMARY KEY (collection_id),
	CONSTRAINT collection_unq_name UNIQUE (name)
);
CREATE TABLE run (
	collection_id BIGINT NOT NULL,
	host TEXT,
	timespan INT8RANGE,
	PRIMARY KEY (collection_id)
);
CREATE TABLE collection_chain (
	parent BIGINT NOT NULL,
	"position" SMALLINT NOT NULL,
	child BIGINT NOT NULL,
	PRIMARY KEY (parent, "position")
);
CREATE TABLE dataset_type (
	id BIGINT NOT NULL,
	name TEXT NOT NULL,
	storage_class TEXT NOT NULL,
	dimensions_key BIGINT NOT NULL,
	tag_association_table TEXT NOT NULL,
	calibration_association_table TEXT,
	PRIMARY KEY (id),
	CONSTRAINT dataset_type_unq_name UNIQUE (name)
);
CREATE TABLE dataset (
	id UUID NOT NULL,
	dataset_type_id BIGINT NOT NULL,
	ingest_date BIGINT NOT NULL,
	run_id BIGINT NOT NULL,
	PRIMARY KEY (id)
);
CREATE TABLE collection_summary_dataset_type (
	collection_id BIGINT NOT NULL,
	dataset_type_id BIGINT NOT NULL,
	PRIMARY KEY (collection_id, dataset_type_id)
);
CREATE TABLE collection_summary_instrument (
	collection_id BIGINT NOT NULL,
	instrument VARCHAR(32) NOT NULL,
	PRIMARY KEY (collection_id, instrument)
);
CREATE TABLE collection_summary_skymap (
	collection_id BIGINT NOT NULL,
	skymap TEXT NOT NULL,
	PRIMARY KEY (collection_id, skymap)
);
CREATE TABLE dataset_location (
	datastore_name TEXT NOT NULL,
	dataset_id UUID NOT NULL,
	PRIMARY KEY (datastore_name, dataset_id)
);
CREATE TABLE dataset_location_trash (
	dataset_id UUID NOT NULL,
	datastore_name TEXT NOT NULL,
	PRIMARY KEY (dataset_id, datastore_name)
);
CREATE TABLE opaque_meta (
	table_name TEXT NOT NULL,
	PRIMARY KEY (table_name)
);
CREATE TABLE file_datastore_records (
	dataset_id UUID NOT NULL,
	path TEXT NOT NULL,
	formatter TEXT NOT NULL,
	storage_class TEXT NOT NULL,
	component VARCHAR(32) NOT NULL,
	checksum TEXT,
	file_size BIGINT,
	PRIMARY KEY (dataset_id, component)
);
CREATE TABLE instrument (
	name VARCHAR(32) NOT NULL,
	visit_max BIGINT,
	visit_system BIGINT,
	exposure_max BIGINT,
	detector_max BIGINT,
	class_name TEXT,
	PRIMARY KEY (name)
);
CREATE TABLE skymap (
	name TEXT NOT NULL,
	hash TEXT,
	tract_max BIGINT,
	patch_nx_max BIGINT,
	patch_ny_max BIGINT,
	PRIMARY KEY (name),
	CONSTRAINT skymap_unq_hash UNIQUE (hash)
);
CREATE TABLE ssp_hypothesis_table (
	name TEXT NOT NULL,
	PRIMARY KEY (name)
);
CREATE TABLE day_obs (
	instrument VARCHAR(32) NOT NULL,
	id BIGINT NOT NULL,
	timespan INT8RANGE,
	PRIMARY KEY (instrument, id)
);
CREATE TABLE detector (
	instrument VARCHAR(32) NOT NULL,
	id BIGINT NOT NULL,
	full_name VARCHAR(32),
	name_in_raft VARCHAR(32),
	raft VARCHAR(32),
	purpose VARCHAR(32),
	PRIMARY KEY (instrument, id),
	CONSTRAINT detector_unq_instrument_full_name UNIQUE (instrument, full_name)
);
CREATE TABLE "group" (
	instrument VARCHAR(32) NOT NULL,
	name TEXT NOT NULL,
	PRIMARY KEY (instrument, name)
);
CREATE TABLE physical_filter (
	instrument VARCHAR(32) NOT NULL,
	name VARCHAR(32) NOT NULL,
	band VARCHAR(32) NOT NULL,
	PRIMARY KEY (instrument, name)
);
CREATE TABLE ssp_balanced_index (
	ssp_hypothesis_table TEXT NOT NULL,
	id BIGINT NOT NULL,
	PRIMARY KEY (ssp_hypothesis_table, id)
);
CREATE TABLE ssp_hypothesis_bundle (
	ssp_hypothesis_table TEXT NOT NULL,
	id BIGINT NOT NULL,
	PRIMARY KEY (ssp_hypothesis_table, id)
);
CREATE TABLE subfilter (
	band VARCHAR(32) NOT NULL,
	id BIGINT NOT NULL,
	PRIMARY KEY (band, id)
);
CREATE TABLE tract (
	skymap TEXT NOT NULL,
	id BIGINT NOT NULL,
	region TEXT,
	PRIMARY KEY (skymap, id)
);
CREATE TABLE visit_system (
	instrument VARCHAR(32) NOT NULL,
	id BIGINT NOT NULL,
	name VARCHAR(32),
	PRIMARY KEY (instrument, id),
	CONSTRAINT visit_system_unq_instrument_name UNIQUE (instrument, name)
);
CREATE TABLE exposure (
	instrument VARCHAR(32) NOT NULL,
	id BIGINT NOT NULL,
	day_obs BIGINT NOT NULL,
	"group" TEXT NOT NULL,
	physical_filter VARCHAR(32) NOT NULL,
	obs_id TEXT,
	exposure_time DOUBLE PRECISION,
	dark_time DOUBLE PRECISION,
	observation_type VARCHAR(16),
	observation_reason TEXT,
	seq_num BIGINT,
	seq_start BIGINT,
	seq_end BIGINT,
	target_name TEXT,
	science_program TEXT,
	tracking_ra DOUBLE PRECISION,
	tracking_dec DOUBLE PRECISION,
	sky_angle DOUBLE PRECISION,
	azimuth DOUBLE PRECISION,
	zenith_angle DOUBLE PRECISION,
	has_simulated BOOLEAN,
	can_see_sky BOOLEAN,
	timespan INT8RANGE,
	PRIMARY KEY (instrument, id),
	CONSTRAINT exposure_unq_instrument_obs_id UNIQUE (instrument, obs_id)
);
CREATE TABLE patch (
	skymap TEXT NOT NULL,
	tract BIGINT NOT NULL,
	id BIGINT NOT NULL,
	cell_x BIGINT,
	cell_y BIGINT,
	region TEXT,
	PRIMARY KEY (skymap, tract, id)
);
CREATE TABLE visit (
	instrument VARCHAR(32) NOT NULL,
	id BIGINT NOT NULL,
	day_obs BIGINT NOT NULL,
	physical_filter VARCHAR(32) NOT NULL,
	name TEXT,
	seq_num BIGINT,
	exposure_time DOUBLE PRECISION,
	target_name TEXT,
	observation_reason TEXT,
	science_program TEXT,
	azimuth DOUBLE PRECISION,
	zenith_angle DOUBLE PRECISION,
	region TEXT,
	timespan INT8RANGE,
	PRIMARY KEY (instrument, id),
	CONSTRAINT visit_unq_instrument_name UNIQUE (instrument, name)
);
CREATE TABLE visit_definition (
	instrument VARCHAR(32) NOT NULL,
	exposure BIGINT NOT NULL,
	visit BIGINT NOT NULL,
	PRIMARY KEY (instrument, exposure, visit)
);
CREATE TABLE visit_detector_region (
	instrument VARCHAR(32) NOT NULL,
	detector BIGINT NOT NULL,
	visit BIGINT NOT NULL,
	region TEXT,
	PRIMARY KEY (instrument, detector, visit)
);
CREATE TABLE visit_system_membership (
	instrument VARCHAR(32) NOT NULL,
	visit_system BIGINT NOT NULL,
	visit BIGINT NOT NULL,
	PRIMARY KEY (instrument, visit_system, visit)
);
CREATE TABLE tract_skypix_overlap_summary (
	skypix_system VARCHAR(16) NOT NULL,
	skypix_level SMALLINT NOT NULL,
	skymap TEXT NOT NULL,
	PRIMARY KEY (skypix_system, skypix_level, skymap)
);
CREATE TABLE tract_skypix_overlap (
	skypix_system VARCHAR(16) NOT NULL,
	skypix_level SMALLINT NOT NULL,
	skymap TEXT NOT NULL,
	tract BIGINT NOT NULL,
	skypix_index BIGINT NOT NULL,
	PRIMARY KEY (skypix_system, skypix_level, skymap, tract, skypix_index)
);
CREATE TABLE patch_skypix_overlap_summary (
	skypix_system VARCHAR(16) NOT NULL,
	skypix_level SMALLINT NOT NULL,
	skymap TEXT NOT NULL,
	PRIMARY KEY (skypix_system, skypix_level, skymap)
);
CREATE TABLE patch_skypix_overlap (
	skypix_system VARCHAR(16) NOT NULL,
	skypix_level SMALLINT NOT NULL,
	skymap TEXT NOT NULL,
	tract BIGINT NOT NULL,
	patch BIGINT NOT NULL,
	skypix_index BIGINT NOT NULL,
	PRIMARY KEY (skypix_system, skypix_level, skymap, tract, patch, skypix_index)
);
CREATE TABLE visit_skypix_overlap_summary (
	skypix_system VARCHAR(16) NOT NULL,
	skypix_level SMALLINT NOT NULL,
	instrument VARCHAR(32) NOT NULL,
	PRIMARY KEY (skypix_system, skypix_level, instrument)
);
CREATE TABLE visit_skypix_overlap (
	skypix_system VARCHAR(16) NOT NULL,
	skypix_level SMALLINT NOT NULL,
	instrument VARCHAR(32) NOT NULL,
	visit BIGINT NOT NULL,
	skypix_index BIGINT NOT NULL,
	PRIMARY KEY (skypix_system, skypix_level, instrument, visit, skypix_index)
);
CREATE TABLE visit_detector_region_skypix_overlap_summary (
	skypix_system VARCHAR(16) NOT NULL,
	skypix_level SMALLINT NOT NULL,
	instrument VARCHAR(32) NOT NULL,
	PRIMARY KEY (skypix_system, skypix_level, instrument)
);
CREATE TABLE visit_detector_region_skypix_overlap (
	skypix_system VARCHAR(16) NOT NULL,
	skypix_level SMALLINT NOT NULL,
	instrument VARCHAR(32) NOT NULL,
	detector BIGINT NOT NULL,
	visit BIGINT NOT NULL,
	skypix_index BIGINT NOT NULL,
	PRIMARY KEY (skypix_system, skypix_level, instrument, detector, visit, skypix_index)
);
CREATE TABLE patch_visit_overlap_summary (
	skymap TEXT NOT NULL,
	instrument VARCHAR(32) NOT NULL,
	PRIMARY KEY (skymap, instrument)
);
CREATE TABLE patch_visit_overlap (
	skymap TEXT NOT NULL,
	instrument VARCHAR(32) NOT NULL,
	tract BIGINT NOT NULL,
	patch BIGINT NOT NULL,
	visit BIGINT NOT NULL,
	PRIMARY KEY (skymap, instrument, tract, patch, visit)
);
CREATE TABLE patch_visit_detector_region_overlap_summary (
	skymap TEXT NOT NULL,
	instrument VARCHAR(32) NOT NULL,
	PRIMARY KEY (skymap, instrument)
);
CREATE TABLE patch_visit_detector_region_overlap (
	skymap TEXT NOT NULL,
	instrument VARCHAR(32) NOT NULL,
	tract BIGINT NOT NULL,
	patch BIGINT NOT NULL,
	detector BIGINT NOT NULL,
	visit BIGINT NOT NULL,
	PRIMARY KEY (skymap, instrument, tract, patch, detector, visit)
);
CREATE TABLE tract_visit_overlap_summary (
	skymap TEXT NOT NULL,
	instrument VARCHAR(32) NOT NULL,
	PRIMARY KEY (skymap, instrument)
);
CREATE TABLE tract_visit_overlap (
	skymap TEXT NOT NULL,
	instrument VARCHAR(32) NOT NULL,
	tract BIGINT NOT NULL,
	visit BIGINT NOT NULL,
	PRIMARY KEY (skymap, instrument, tract, visit)
);
CREATE TABLE tract_visit_detector_region_overlap_summary (
	skymap TEXT NOT NULL,
	instrument VARCHAR(32) NOT NULL,
	PRIMARY KEY (skymap, instrument)
);
CREATE TABLE tract_visit_detector_region_overlap (
	skymap TEXT NOT NULL,
	instrument VARCHAR(32) NOT NULL,
	tract BIGINT NOT NULL,
	detector BIGINT NOT NULL,
	visit BIGINT NOT NULL,
	PRIMARY KEY (skymap, instrument, tract, detector, visit)
);
CREATE TABLE dataset_tags_00000001 (
	dataset_type_id BIGINT NOT NULL,
	dataset_id UUID NOT NULL,
	collection_id BIGINT NOT NULL,
	instrument VARCHAR(32) NOT NULL,
	detector BIGINT NOT NULL,
	physical_filter VARCHAR(32) NOT NULL,
	PRIMARY KEY (dataset_id, collection_id),
	CONSTRAINT dataset_tags_00000001_unq_dataset_type_id_collection_i_b331a4e3 UNIQUE (dataset_type_id, collection_id, instrument, detector, physical_filter)
);
CREATE TABLE dataset_calibs_00000001 (
	id BIGINT NOT NULL,
	dataset_type_id BIGINT NOT NULL,
	dataset_id UUID NOT NULL,
	collection_id BIGINT NOT NULL,
	instrument VARCHAR(32) NOT NULL,
	detector BIGINT NOT NULL,
	physical_filter VARCHAR(32) NOT NULL,
	timespan INT8RANGE DEFAULT '(,)'::int8range NOT NULL,
	PRIMARY KEY (id)
);
CREATE TABLE dataset_tags_00000002 (
	dataset_type_id BIGINT NOT NULL,
	dataset_id UUID NOT NULL,
	collection_id BIGINT NOT NULL,
	instrument VARCHAR(32) NOT NULL,
	detector BIGINT NOT NULL,
	PRIMARY KEY (dataset_id, collection_id),
	CONSTRAINT dataset_tags_00000002_unq_dataset_type_id_collection_i_01265326 UNIQUE (dataset_type_id, collection_id, instrument, detector)
);
CREATE TABLE dataset_calibs_00000002 (
	id BIGINT NOT NULL,
	dataset_type_id BIGINT NOT NULL,
	dataset_id UUID NOT NULL,
	collection_id BIGINT NOT NULL,
	instrument VARCHAR(32) NOT NULL,
	detector BIGINT NOT NULL,
	timespan INT8RANGE DEFAULT '(,)'::int8range NOT NULL,
	PRIMARY KEY (id)
);
CREATE TABLE dataset_tags_00000003 (
	dataset_type_id BIGINT NOT NULL,
	dataset_id UUID NOT NULL,
	collection_id BIGINT NOT NULL,
	instrument VARCHAR(32) NOT NULL,
	PRIMARY KEY (dataset_id, collection_id),
	CONSTRAINT dataset_tags_00000003_unq_dataset_type_id_collection_i_3ec20cfe UNIQUE (dataset_type_id, collection_id, instrument)
);
ALTER TABLE dimension_graph_definition ADD CONSTRAINT fkey_dimension_graph_definition_dimension_graph_key_id_9cd15d4b FOREIGN KEY (dimension_graph_id) REFERENCES dimension_graph_key (id) ON DELETE CASCADE;
ALTER TABLE run ADD CONSTRAINT fkey_run_collection_collection_id_collection_id FOREIGN KEY (collection_id) REFERENCES collection (collection_id) ON DELETE CASCADE;
ALTER TABLE collection_chain ADD CONSTRAINT fkey_collection_chain_collection_collection_id_parent FOREIGN KEY (parent) REFERENCES collection (collection_id) ON DELETE CASCADE;
ALTER TABLE collection_chain ADD CONSTRAINT fkey_collection_chain_collection_collection_id_child FOREIGN KEY (child) REFERENCES collection (collection_id);
ALTER TABLE dataset ADD CONSTRAINT fkey_dataset_dataset_type_id_dataset_type_id FOREIGN KEY (dataset_type_id) REFERENCES dataset_type (id);
ALTER TABLE dataset ADD CONSTRAINT fkey_dataset_run_collection_id_run_id FOREIGN KEY (run_id) REFERENCES run (collection_id) ON DELETE CASCADE;
ALTER TABLE collection_summary_dataset_type ADD CONSTRAINT fkey_collection_summary_dataset_type_collection_collec_4090d073 FOREIGN KEY (collection_id) REFERENCES collection (collection_id) ON DELETE CASCADE;
ALTER TABLE collection_summary_dataset_type ADD CONSTRAINT fkey_collection_summary_dataset_type_dataset_type_id_d_d646a15d FOREIGN KEY (dataset_type_id) REFERENCES dataset_type (id) ON DELETE CASCADE;
ALTER TABLE collection_summary_instrument ADD CONSTRAINT fkey_collection_summary_instrument_collection_collecti_f2cc1228 FOREIGN KEY (collection_id) REFERENCES collection (collection_id) ON DELETE CASCADE;
ALTER TABLE collection_summary_instrument ADD CONSTRAINT fkey_collection_summary_instrument_instrument_name_instrument FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE collection_summary_skymap ADD CONSTRAINT fkey_collection_summary_skymap_collection_collection_i_1a994b14 FOREIGN KEY (collection_id) REFERENCES collection (collection_id) ON DELETE CASCADE;
ALTER TABLE collection_summary_skymap ADD CONSTRAINT fkey_collection_summary_skymap_skymap_name_skymap FOREIGN KEY (skymap) REFERENCES skymap (name);
ALTER TABLE dataset_location ADD CONSTRAINT fkey_dataset_location_dataset_id_dataset_id FOREIGN KEY (dataset_id) REFERENCES dataset (id);
ALTER TABLE day_obs ADD CONSTRAINT fkey_day_obs_instrument_name_instrument FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE detector ADD CONSTRAINT fkey_detector_instrument_name_instrument FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE "group" ADD CONSTRAINT fkey_group_instrument_name_instrument FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE physical_filter ADD CONSTRAINT fkey_physical_filter_instrument_name_instrument FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE ssp_balanced_index ADD CONSTRAINT fkey_ssp_balanced_index_ssp_hypothesis_table_name_ssp__1a183183 FOREIGN KEY (ssp_hypothesis_table) REFERENCES ssp_hypothesis_table (name);
ALTER TABLE ssp_hypothesis_bundle ADD CONSTRAINT fkey_ssp_hypothesis_bundle_ssp_hypothesis_table_name_s_0921458b FOREIGN KEY (ssp_hypothesis_table) REFERENCES ssp_hypothesis_table (name);
ALTER TABLE tract ADD CONSTRAINT fkey_tract_skymap_name_skymap FOREIGN KEY (skymap) REFERENCES skymap (name);
ALTER TABLE visit_system ADD CONSTRAINT fkey_visit_system_instrument_name_instrument FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE exposure ADD CONSTRAINT fkey_exposure_instrument_name_instrument FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE exposure ADD CONSTRAINT fkey_exposure_day_obs_instrument_id_instrument_day_obs FOREIGN KEY (instrument, day_obs) REFERENCES day_obs (instrument, id);
ALTER TABLE exposure ADD CONSTRAINT fkey_exposure_group_instrument_name_instrument_group FOREIGN KEY (instrument, "group") REFERENCES "group" (instrument, name);
ALTER TABLE exposure ADD CONSTRAINT fkey_exposure_physical_filter_instrument_name_instrume_ee4bb371 FOREIGN KEY (instrument, physical_filter) REFERENCES physical_filter (instrument, name);
ALTER TABLE patch ADD CONSTRAINT fkey_patch_skymap_name_skymap FOREIGN KEY (skymap) REFERENCES skymap (name);
ALTER TABLE patch ADD CONSTRAINT fkey_patch_tract_skymap_id_skymap_tract FOREIGN KEY (skymap, tract) REFERENCES tract (skymap, id);
ALTER TABLE visit ADD CONSTRAINT fkey_visit_instrument_name_instrument FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE visit ADD CONSTRAINT fkey_visit_day_obs_instrument_id_instrument_day_obs FOREIGN KEY (instrument, day_obs) REFERENCES day_obs (instrument, id);
ALTER TABLE visit ADD CONSTRAINT fkey_visit_physical_filter_instrument_name_instrument__daee087b FOREIGN KEY (instrument, physical_filter) REFERENCES physical_filter (instrument, name);
ALTER TABLE visit_definition ADD CONSTRAINT fkey_visit_definition_instrument_name_instrument FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE visit_definition ADD CONSTRAINT fkey_visit_definition_exposure_instrument_id_instrumen_21a4dc77 FOREIGN KEY (instrument, exposure) REFERENCES exposure (instrument, id);
ALTER TABLE visit_definition ADD CONSTRAINT fkey_visit_definition_visit_instrument_id_instrument_visit FOREIGN KEY (instrument, visit) REFERENCES visit (instrument, id);
ALTER TABLE visit_detector_region ADD CONSTRAINT fkey_visit_detector_region_instrument_name_instrument FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE visit_detector_region ADD CONSTRAINT fkey_visit_detector_region_detector_instrument_id_inst_b49280e5 FOREIGN KEY (instrument, detector) REFERENCES detector (instrument, id);
ALTER TABLE visit_detector_region ADD CONSTRAINT fkey_visit_detector_region_visit_instrument_id_instrument_visit FOREIGN KEY (instrument, visit) REFERENCES visit (instrument, id);
ALTER TABLE visit_system_membership ADD CONSTRAINT fkey_visit_system_membership_instrument_name_instrument FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE visit_system_membership ADD CONSTRAINT fkey_visit_system_membership_visit_system_instrument_i_09217d0e FOREIGN KEY (instrument, visit_system) REFERENCES visit_system (instrument, id);
ALTER TABLE visit_system_membership ADD CONSTRAINT fkey_visit_system_membership_visit_instrument_id_instr_ba4eaead FOREIGN KEY (instrument, visit) REFERENCES visit (instrument, id);
ALTER TABLE tract_skypix_overlap_summary ADD CONSTRAINT fkey_tract_skypix_overlap_summary_skymap_name_skymap FOREIGN KEY (skymap) REFERENCES skymap (name);
ALTER TABLE tract_skypix_overlap ADD CONSTRAINT fkey_tract_skypix_overlap_tract_skypix_overlap_summary_cac6de94 FOREIGN KEY (skypix_system, skypix_level, skymap) REFERENCES tract_skypix_overlap_summary (skypix_system, skypix_level, skymap) ON DELETE CASCADE;
ALTER TABLE tract_skypix_overlap ADD CONSTRAINT fkey_tract_skypix_overlap_skymap_name_skymap FOREIGN KEY (skymap) REFERENCES skymap (name);
ALTER TABLE tract_skypix_overlap ADD CONSTRAINT fkey_tract_skypix_overlap_tract_skymap_id_skymap_tract FOREIGN KEY (skymap, tract) REFERENCES tract (skymap, id);
ALTER TABLE patch_skypix_overlap_summary ADD CONSTRAINT fkey_patch_skypix_overlap_summary_skymap_name_skymap FOREIGN KEY (skymap) REFERENCES skymap (name);
ALTER TABLE patch_skypix_overlap ADD CONSTRAINT fkey_patch_skypix_overlap_patch_skypix_overlap_summary_ab04ec69 FOREIGN KEY (skypix_system, skypix_level, skymap) REFERENCES patch_skypix_overlap_summary (skypix_system, skypix_level, skymap) ON DELETE CASCADE;
ALTER TABLE patch_skypix_overlap ADD CONSTRAINT fkey_patch_skypix_overlap_skymap_name_skymap FOREIGN KEY (skymap) REFERENCES skymap (name);
ALTER TABLE patch_skypix_overlap ADD CONSTRAINT fkey_patch_skypix_overlap_tract_skymap_id_skymap_tract FOREIGN KEY (skymap, tract) REFERENCES tract (skymap, id);
ALTER TABLE patch_skypix_overlap ADD CONSTRAINT fkey_patch_skypix_overlap_patch_skymap_tract_id_skymap_82786c4b FOREIGN KEY (skymap, tract, patch) REFERENCES patch (skymap, tract, id);
ALTER TABLE visit_skypix_overlap_summary ADD CONSTRAINT fkey_visit_skypix_overlap_summary_instrument_name_instrument FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE visit_skypix_overlap ADD CONSTRAINT fkey_visit_skypix_overlap_visit_skypix_overlap_summary_6ea1f37d FOREIGN KEY (skypix_system, skypix_level, instrument) REFERENCES visit_skypix_overlap_summary (skypix_system, skypix_level, instrument) ON DELETE CASCADE;
ALTER TABLE visit_skypix_overlap ADD CONSTRAINT fkey_visit_skypix_overlap_instrument_name_instrument FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE visit_skypix_overlap ADD CONSTRAINT fkey_visit_skypix_overlap_visit_instrument_id_instrument_visit FOREIGN KEY (instrument, visit) REFERENCES visit (instrument, id);
ALTER TABLE visit_detector_region_skypix_overlap_summary ADD CONSTRAINT fkey_visit_detector_region_skypix_overlap_summary_inst_0d402e88 FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE visit_detector_region_skypix_overlap ADD CONSTRAINT fkey_visit_detector_region_skypix_overlap_visit_detect_7a87a402 FOREIGN KEY (skypix_system, skypix_level, instrument) REFERENCES visit_detector_region_skypix_overlap_summary (skypix_system, skypix_level, instrument) ON DELETE CASCADE;
ALTER TABLE visit_detector_region_skypix_overlap ADD CONSTRAINT fkey_visit_detector_region_skypix_overlap_instrument_n_f01d5160 FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE visit_detector_region_skypix_overlap ADD CONSTRAINT fkey_visit_detector_region_skypix_overlap_detector_ins_ffb1edaf FOREIGN KEY (instrument, detector) REFERENCES detector (instrument, id);
ALTER TABLE visit_detector_region_skypix_overlap ADD CONSTRAINT fkey_visit_detector_region_skypix_overlap_visit_instru_49438ed0 FOREIGN KEY (instrument, visit) REFERENCES visit (instrument, id);
ALTER TABLE patch_visit_overlap_summary ADD CONSTRAINT fkey_patch_visit_overlap_summary_skymap_name_skymap FOREIGN KEY (skymap) REFERENCES skymap (name);
ALTER TABLE patch_visit_overlap_summary ADD CONSTRAINT fkey_patch_visit_overlap_summary_instrument_name_instrument FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE patch_visit_overlap ADD CONSTRAINT fkey_patch_visit_overlap_skymap_name_skymap FOREIGN KEY (skymap) REFERENCES skymap (name);
ALTER TABLE patch_visit_overlap ADD CONSTRAINT fkey_patch_visit_overlap_instrument_name_instrument FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE patch_visit_overlap ADD CONSTRAINT fkey_patch_visit_overlap_tract_skymap_id_skymap_tract FOREIGN KEY (skymap, tract) REFERENCES tract (skymap, id);
ALTER TABLE patch_visit_overlap ADD CONSTRAINT fkey_patch_visit_overlap_patch_skymap_tract_id_skymap__a1f8b344 FOREIGN KEY (skymap, tract, patch) REFERENCES patch (skymap, tract, id);
ALTER TABLE patch_visit_overlap ADD CONSTRAINT fkey_patch_visit_overlap_visit_instrument_id_instrument_visit FOREIGN KEY (instrument, visit) REFERENCES visit (instrument, id);
ALTER TABLE patch_visit_detector_region_overlap_summary ADD CONSTRAINT fkey_patch_visit_detector_region_overlap_summary_skyma_dfe95551 FOREIGN KEY (skymap) REFERENCES skymap (name);
ALTER TABLE patch_visit_detector_region_overlap_summary ADD CONSTRAINT fkey_patch_visit_detector_region_overlap_summary_instr_9aa664c0 FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE patch_visit_detector_region_overlap ADD CONSTRAINT fkey_patch_visit_detector_region_overlap_skymap_name_skymap FOREIGN KEY (skymap) REFERENCES skymap (name);
ALTER TABLE patch_visit_detector_region_overlap ADD CONSTRAINT fkey_patch_visit_detector_region_overlap_instrument_na_36920ca0 FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE patch_visit_detector_region_overlap ADD CONSTRAINT fkey_patch_visit_detector_region_overlap_tract_skymap__51fe1155 FOREIGN KEY (skymap, tract) REFERENCES tract (skymap, id);
ALTER TABLE patch_visit_detector_region_overlap ADD CONSTRAINT fkey_patch_visit_detector_region_overlap_patch_skymap__02914020 FOREIGN KEY (skymap, tract, patch) REFERENCES patch (skymap, tract, id);
ALTER TABLE patch_visit_detector_region_overlap ADD CONSTRAINT fkey_patch_visit_detector_region_overlap_detector_inst_f4e89931 FOREIGN KEY (instrument, detector) REFERENCES detector (instrument, id);
ALTER TABLE patch_visit_detector_region_overlap ADD CONSTRAINT fkey_patch_visit_detector_region_overlap_visit_instrum_2ff5193b FOREIGN KEY (instrument, visit) REFERENCES visit (instrument, id);
ALTER TABLE tract_visit_overlap_summary ADD CONSTRAINT fkey_tract_visit_overlap_summary_skymap_name_skymap FOREIGN KEY (skymap) REFERENCES skymap (name);
ALTER TABLE tract_visit_overlap_summary ADD CONSTRAINT fkey_tract_visit_overlap_summary_instrument_name_instrument FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE tract_visit_overlap ADD CONSTRAINT fkey_tract_visit_overlap_skymap_name_skymap FOREIGN KEY (skymap) REFERENCES skymap (name);
ALTER TABLE tract_visit_overlap ADD CONSTRAINT fkey_tract_visit_overlap_instrument_name_instrument FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE tract_visit_overlap ADD CONSTRAINT fkey_tract_visit_overlap_tract_skymap_id_skymap_tract FOREIGN KEY (skymap, tract) REFERENCES tract (skymap, id);
ALTER TABLE tract_visit_overlap ADD CONSTRAINT fkey_tract_visit_overlap_visit_instrument_id_instrument_visit FOREIGN KEY (instrument, visit) REFERENCES visit (instrument, id);
ALTER TABLE tract_visit_detector_region_overlap_summary ADD CONSTRAINT fkey_tract_visit_detector_region_overlap_summary_skyma_54fb2c07 FOREIGN KEY (skymap) REFERENCES skymap (name);
ALTER TABLE tract_visit_detector_region_overlap_summary ADD CONSTRAINT fkey_tract_visit_detector_region_overlap_summary_instr_b03d3aef FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE tract_visit_detector_region_overlap ADD CONSTRAINT fkey_tract_visit_detector_region_overlap_skymap_name_skymap FOREIGN KEY (skymap) REFERENCES skymap (name);
ALTER TABLE tract_visit_detector_region_overlap ADD CONSTRAINT fkey_tract_visit_detector_region_overlap_instrument_na_af5ed66a FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE tract_visit_detector_region_overlap ADD CONSTRAINT fkey_tract_visit_detector_region_overlap_tract_skymap__1498a285 FOREIGN KEY (skymap, tract) REFERENCES tract (skymap, id);
ALTER TABLE tract_visit_detector_region_overlap ADD CONSTRAINT fkey_tract_visit_detector_region_overlap_detector_inst_d47eea21 FOREIGN KEY (instrument, detector) REFERENCES detector (instrument, id);
ALTER TABLE tract_visit_detector_region_overlap ADD CONSTRAINT fkey_tract_visit_detector_region_overlap_visit_instrum_01d557eb FOREIGN KEY (instrument, visit) REFERENCES visit (instrument, id);
ALTER TABLE dataset_tags_00000001 ADD CONSTRAINT fkey_dataset_tags_00000001_dataset_type_id_dataset_type_id FOREIGN KEY (dataset_type_id) REFERENCES dataset_type (id);
ALTER TABLE dataset_tags_00000001 ADD CONSTRAINT fkey_dataset_tags_00000001_dataset_id_dataset_id FOREIGN KEY (dataset_id) REFERENCES dataset (id) ON DELETE CASCADE;
ALTER TABLE dataset_tags_00000001 ADD CONSTRAINT fkey_dataset_tags_00000001_collection_collection_id_co_fee98a52 FOREIGN KEY (collection_id) REFERENCES collection (collection_id) ON DELETE CASCADE;
ALTER TABLE dataset_tags_00000001 ADD CONSTRAINT fkey_dataset_tags_00000001_collection_summary_dataset__a5a0c112 FOREIGN KEY (collection_id, dataset_type_id) REFERENCES collection_summary_dataset_type (collection_id, dataset_type_id);
ALTER TABLE dataset_tags_00000001 ADD CONSTRAINT fkey_dataset_tags_00000001_instrument_name_instrument FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE dataset_tags_00000001 ADD CONSTRAINT fkey_dataset_tags_00000001_collection_summary_instrume_29fdd7ef FOREIGN KEY (collection_id, instrument) REFERENCES collection_summary_instrument (collection_id, instrument);
ALTER TABLE dataset_tags_00000001 ADD CONSTRAINT fkey_dataset_tags_00000001_detector_instrument_id_inst_e7adeffb FOREIGN KEY (instrument, detector) REFERENCES detector (instrument, id);
ALTER TABLE dataset_tags_00000001 ADD CONSTRAINT fkey_dataset_tags_00000001_physical_filter_instrument__955b5ae3 FOREIGN KEY (instrument, physical_filter) REFERENCES physical_filter (instrument, name);
ALTER TABLE dataset_calibs_00000001 ADD CONSTRAINT fkey_dataset_calibs_00000001_dataset_type_id_dataset_type_id FOREIGN KEY (dataset_type_id) REFERENCES dataset_type (id);
ALTER TABLE dataset_calibs_00000001 ADD CONSTRAINT fkey_dataset_calibs_00000001_dataset_id_dataset_id FOREIGN KEY (dataset_id) REFERENCES dataset (id) ON DELETE CASCADE;
ALTER TABLE dataset_calibs_00000001 ADD CONSTRAINT fkey_dataset_calibs_00000001_collection_collection_id__70d67f96 FOREIGN KEY (collection_id) REFERENCES collection (collection_id) ON DELETE CASCADE;
ALTER TABLE dataset_calibs_00000001 ADD CONSTRAINT fkey_dataset_calibs_00000001_collection_summary_datase_1c123b97 FOREIGN KEY (collection_id, dataset_type_id) REFERENCES collection_summary_dataset_type (collection_id, dataset_type_id);
ALTER TABLE dataset_calibs_00000001 ADD CONSTRAINT fkey_dataset_calibs_00000001_instrument_name_instrument FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE dataset_calibs_00000001 ADD CONSTRAINT fkey_dataset_calibs_00000001_collection_summary_instru_98c0ca9b FOREIGN KEY (collection_id, instrument) REFERENCES collection_summary_instrument (collection_id, instrument);
ALTER TABLE dataset_calibs_00000001 ADD CONSTRAINT fkey_dataset_calibs_00000001_detector_instrument_id_in_36e7a5f6 FOREIGN KEY (instrument, detector) REFERENCES detector (instrument, id);
ALTER TABLE dataset_calibs_00000001 ADD CONSTRAINT fkey_dataset_calibs_00000001_physical_filter_instrumen_58a79828 FOREIGN KEY (instrument, physical_filter) REFERENCES physical_filter (instrument, name);
ALTER TABLE dataset_tags_00000002 ADD CONSTRAINT fkey_dataset_tags_00000002_dataset_type_id_dataset_type_id FOREIGN KEY (dataset_type_id) REFERENCES dataset_type (id);
ALTER TABLE dataset_tags_00000002 ADD CONSTRAINT fkey_dataset_tags_00000002_dataset_id_dataset_id FOREIGN KEY (dataset_id) REFERENCES dataset (id) ON DELETE CASCADE;
ALTER TABLE dataset_tags_00000002 ADD CONSTRAINT fkey_dataset_tags_00000002_collection_collection_id_co_e172bb21 FOREIGN KEY (collection_id) REFERENCES collection (collection_id) ON DELETE CASCADE;
ALTER TABLE dataset_tags_00000002 ADD CONSTRAINT fkey_dataset_tags_00000002_collection_summary_dataset__e24839b3 FOREIGN KEY (collection_id, dataset_type_id) REFERENCES collection_summary_dataset_type (collection_id, dataset_type_id);
ALTER TABLE dataset_tags_00000002 ADD CONSTRAINT fkey_dataset_tags_00000002_instrument_name_instrument FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE dataset_tags_00000002 ADD CONSTRAINT fkey_dataset_tags_00000002_collection_summary_instrume_193cf84f FOREIGN KEY (collection_id, instrument) REFERENCES collection_summary_instrument (collection_id, instrument);
ALTER TABLE dataset_tags_00000002 ADD CONSTRAINT fkey_dataset_tags_00000002_detector_instrument_id_inst_a52a35eb FOREIGN KEY (instrument, detector) REFERENCES detector (instrument, id);
ALTER TABLE dataset_calibs_00000002 ADD CONSTRAINT fkey_dataset_calibs_00000002_dataset_type_id_dataset_type_id FOREIGN KEY (dataset_type_id) REFERENCES dataset_type (id);
ALTER TABLE dataset_calibs_00000002 ADD CONSTRAINT fkey_dataset_calibs_00000002_dataset_id_dataset_id FOREIGN KEY (dataset_id) REFERENCES dataset (id) ON DELETE CASCADE;
ALTER TABLE dataset_calibs_00000002 ADD CONSTRAINT fkey_dataset_calibs_00000002_collection_collection_id__ef79646a FOREIGN KEY (collection_id) REFERENCES collection (collection_id) ON DELETE CASCADE;
ALTER TABLE dataset_calibs_00000002 ADD CONSTRAINT fkey_dataset_calibs_00000002_collection_summary_datase_11a40d43 FOREIGN KEY (collection_id, dataset_type_id) REFERENCES collection_summary_dataset_type (collection_id, dataset_type_id);
ALTER TABLE dataset_calibs_00000002 ADD CONSTRAINT fkey_dataset_calibs_00000002_instrument_name_instrument FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE dataset_calibs_00000002 ADD CONSTRAINT fkey_dataset_calibs_00000002_collection_summary_instru_3c68d7f8 FOREIGN KEY (collection_id, instrument) REFERENCES collection_summary_instrument (collection_id, instrument);
ALTER TABLE dataset_calibs_00000002 ADD CONSTRAINT fkey_dataset_calibs_00000002_detector_instrument_id_in_f7edb631 FOREIGN KEY (instrument, detector) REFERENCES detector (instrument, id);
ALTER TABLE dataset_tags_00000003 ADD CONSTRAINT fkey_dataset_tags_00000003_dataset_type_id_dataset_type_id FOREIGN KEY (dataset_type_id) REFERENCES dataset_type (id);
ALTER TABLE dataset_tags_00000003 ADD CONSTRAINT fkey_dataset_tags_00000003_dataset_id_dataset_id FOREIGN KEY (dataset_id) REFERENCES dataset (id) ON DELETE CASCADE;
ALTER TABLE dataset_tags_00000003 ADD CONSTRAINT fkey_dataset_tags_00000003_collection_collection_id_co_68279f2d FOREIGN KEY (collection_id) REFERENCES collection (collection_id) ON DELETE CASCADE;
ALTER TABLE dataset_tags_00000003 ADD CONSTRAINT fkey_dataset_tags_00000003_collection_summary_dataset__acb89d4e FOREIGN KEY (collection_id, dataset_type_id) REFERENCES collection_summary_dataset_type (collection_id, dataset_type_id);
ALTER TABLE dataset_tags_00000003 ADD CONSTRAINT fkey_dataset_tags_00000003_instrument_name_instrument FOREIGN KEY (instrument) REFERENCES instrument (name);
ALTER TABLE dataset_tags_00000003 ADD CONSTRAINT fkey_dataset_tags_00000003_collection_summary_instrume_d6fd80ff FOREIGN KEY (collection_id, instrument) REFERENCES collection_summary_instrument (collection_id, instrument);
CREATE INDEX dimension_graph_definition_fkidx_dimension_graph_id ON dimension_graph_definition (dimension_graph_id);
CREATE INDEX collection_chain_fkidx_parent ON collection_chain (parent);
CREATE INDEX collection_chain_fkidx_child ON collection_chain (child);
CREATE INDEX dataset_fkidx_dataset_type_id ON dataset (dataset_type_id);
CREATE INDEX dataset_fkidx_run_id ON dataset (run_id);
CREATE INDEX collection_summary_dataset_type_fkidx_collection_id ON collection_summary_dataset_type (collection_id);
CREATE INDEX collection_summary_dataset_type_fkidx_dataset_type_id ON collection_summary_dataset_type (dataset_type_id);
CREATE INDEX collection_summary_instrument_fkidx_collection_id ON collection_summary_instrument (collection_id);
CREATE INDEX collection_summary_instrument_fkidx_instrument ON collection_summary_instrument (instrument);
CREATE INDEX collection_summary_skymap_fkidx_collection_id ON collection_summary_skymap (collection_id);
CREATE INDEX collection_summary_skymap_fkidx_skymap ON collection_summary_skymap (skymap);
CREATE INDEX dataset_location_fkidx_dataset_id ON dataset_location (dataset_id);
CREATE INDEX file_datastore_records_idx_path ON file_datastore_records (path);
CREATE INDEX day_obs_fkidx_instrument ON day_obs (instrument);
CREATE INDEX detector_fkidx_instrument ON detector (instrument);
CREATE INDEX group_fkidx_instrument ON "group" (instrument);
CREATE INDEX physical_filter_fkidx_instrument ON physical_filter (instrument);
CREATE INDEX ssp_balanced_index_fkidx_ssp_hypothesis_table ON ssp_balanced_index (ssp_hypothesis_table);
CREATE INDEX ssp_hypothesis_bundle_fkidx_ssp_hypothesis_table ON ssp_hypothesis_bundle (ssp_hypothesis_table);
CREATE INDEX tract_fkidx_skymap ON tract (skymap);
CREATE INDEX visit_system_fkidx_instrument ON visit_system (instrument);
CREATE INDEX exposure_fkidx_instrument ON exposure (instrument);
CREATE INDEX exposure_fkidx_instrument_day_obs ON exposure (instrument, day_obs);
CREATE INDEX exposure_fkidx_instrument_group ON exposure (instrument, "group");
CREATE INDEX exposure_fkidx_instrument_physical_filter ON exposure (instrument, physical_filter);
CREATE INDEX patch_fkidx_skymap ON patch (skymap);
CREATE INDEX patch_fkidx_skymap_tract ON patch (skymap, tract);
CREATE INDEX visit_fkidx_instrument ON visit (instrument);
CREATE INDEX visit_fkidx_instrument_day_obs ON visit (instrument, day_obs);
CREATE INDEX visit_fkidx_instrument_physical_filter ON visit (instrument, physical_filter);
CREATE INDEX visit_definition_fkidx_instrument ON visit_definition (instrument);
CREATE INDEX visit_definition_fkidx_instrument_exposure ON visit_definition (instrument, exposure);
CREATE INDEX visit_definition_fkidx_instrument_visit ON visit_definition (instrument, visit);
CREATE INDEX visit_detector_region_fkidx_instrument ON visit_detector_region (instrument);
CREATE INDEX visit_detector_region_fkidx_instrument_detector ON visit_detector_region (instrument, detector);
CREATE INDEX visit_detector_region_fkidx_instrument_visit ON visit_detector_region (instrument, visit);
CREATE INDEX visit_system_membership_fkidx_instrument ON visit_system_membership (instrument);
CREATE INDEX visit_system_membership_fkidx_instrument_visit_system ON visit_system_membership (instrument, visit_system);
CREATE INDEX visit_system_membership_fkidx_instrument_visit ON visit_system_membership (instrument, visit);
CREATE INDEX tract_skypix_overlap_summary_fkidx_skymap ON tract_skypix_overlap_summary (skymap);
CREATE INDEX tract_skypix_overlap_idx_skypix_system_skypix_level_sk_d7c9328a ON tract_skypix_overlap (skypix_system, skypix_level, skypix_index, skymap, tract);
CREATE INDEX tract_skypix_overlap_fkidx_skypix_system_skypix_level_skymap ON tract_skypix_overlap (skypix_system, skypix_level, skymap);
CREATE INDEX tract_skypix_overlap_fkidx_skymap ON tract_skypix_overlap (skymap);
CREATE INDEX tract_skypix_overlap_fkidx_skymap_tract ON tract_skypix_overlap (skymap, tract);
CREATE INDEX patch_skypix_overlap_summary_fkidx_skymap ON patch_skypix_overlap_summary (skymap);
CREATE INDEX patch_skypix_overlap_idx_skypix_system_skypix_level_sk_315a3f24 ON patch_skypix_overlap (skypix_system, skypix_level, skypix_index, skymap, tract, patch);
CREATE INDEX patch_skypix_overlap_fkidx_skypix_system_skypix_level_skymap ON patch_skypix_overlap (skypix_system, skypix_level, skymap);
CREATE INDEX patch_skypix_overlap_fkidx_skymap ON patch_skypix_overlap (skymap);
CREATE INDEX patch_skypix_overlap_fkidx_skymap_tract ON patch_skypix_overlap (skymap, tract);
CREATE INDEX patch_skypix_overlap_fkidx_skymap_tract_patch ON patch_skypix_overlap (skymap, tract, patch);
CREATE INDEX visit_skypix_overlap_summary_fkidx_instrument ON visit_skypix_overlap_summary (instrument);
CREATE INDEX visit_skypix_overlap_idx_skypix_system_skypix_level_sk_b5ba3bab ON visit_skypix_overlap (skypix_system, skypix_level, skypix_index, instrument, visit);
CREATE INDEX visit_skypix_overlap_fkidx_skypix_system_skypix_level__b1a4e9fd ON visit_skypix_overlap (skypix_system, skypix_level, instrument);
CREATE INDEX visit_skypix_overlap_fkidx_instrument ON visit_skypix_overlap (instrument);
CREATE INDEX visit_skypix_overlap_fkidx_instrument_visit ON visit_skypix_overlap (instrument, visit);
CREATE INDEX visit_detector_region_skypix_overlap_summary_fkidx_instrument ON visit_detector_region_skypix_overlap_summary (instrument);
CREATE INDEX visit_detector_region_skypix_overlap_idx_skypix_system_d1c79618 ON visit_detector_region_skypix_overlap (skypix_system, skypix_level, skypix_index, instrument, detector, visit);
CREATE INDEX visit_detector_region_skypix_overlap_fkidx_skypix_syst_99bc735b ON visit_detector_region_skypix_overlap (skypix_system, skypix_level, instrument);
CREATE INDEX visit_detector_region_skypix_overlap_fkidx_instrument ON visit_detector_region_skypix_overlap (instrument);
CREATE INDEX visit_detector_region_skypix_overlap_fkidx_instrument_detector ON visit_detector_region_skypix_overlap (instrument, detector);
CREATE INDEX visit_detector_region_skypix_overlap_fkidx_instrument_visit ON visit_detector_region_skypix_overlap (instrument, visit);
CREATE INDEX patch_visit_overlap_summary_fkidx_skymap ON patch_visit_overlap_summary (skymap);
CREATE INDEX patch_visit_overlap_summary_fkidx_instrument ON patch_visit_overlap_summary (instrument);
CREATE INDEX patch_visit_overlap_fkidx_skymap ON patch_visit_overlap (skymap);
CREATE INDEX patch_visit_overlap_fkidx_instrument ON patch_visit_overlap (instrument);
CREATE INDEX patch_visit_overlap_fkidx_skymap_tract ON patch_visit_overlap (skymap, tract);
CREATE INDEX patch_visit_overlap_fkidx_skymap_tract_patch ON patch_visit_overlap (skymap, tract, patch);
CREATE INDEX patch_visit_overlap_fkidx_instrument_visit ON patch_visit_overlap (instrument, visit);
CREATE INDEX patch_visit_detector_region_overlap_summary_fkidx_skymap ON patch_visit_detector_region_overlap_summary (skymap);
CREATE INDEX patch_visit_detector_region_overlap_summary_fkidx_instrument ON patch_visit_detector_region_overlap_summary (instrument);
CREATE INDEX patch_visit_detector_region_overlap_fkidx_skymap ON patch_visit_detector_region_overlap (skymap);
CREATE INDEX patch_visit_detector_region_overlap_fkidx_instrument ON patch_visit_detector_region_overlap (instrument);
CREATE INDEX patch_visit_detector_region_overlap_fkidx_skymap_tract ON patch_visit_detector_region_overlap (skymap, tract);
CREATE INDEX patch_visit_detector_region_overlap_fkidx_skymap_tract_patch ON patch_visit_detector_region_overlap (skymap, tract, patch);
CREATE INDEX patch_visit_detector_region_overlap_fkidx_instrument_detector ON patch_visit_detector_region_overlap (instrument, detector);
CREATE INDEX patch_visit_detector_region_overlap_fkidx_instrument_visit ON patch_visit_detector_region_overlap (instrument, visit);
CREATE INDEX tract_visit_overlap_summary_fkidx_skymap ON tract_visit_overlap_summary (skymap);
CREATE INDEX tract_visit_overlap_summary_fkidx_instrument ON tract_visit_overlap_summary (instrument);
CREATE INDEX tract_visit_overlap_fkidx_skymap ON tract_visit_overlap (skymap);
CREATE INDEX tract_visit_overlap_fkidx_instrument ON tract_visit_overlap (instrument);
CREATE INDEX tract_visit_overlap_fkidx_skymap_tract ON tract_visit_overlap (skymap, tract);
CREATE INDEX tract_visit_overlap_fkidx_instrument_visit ON tract_visit_overlap (instrument, visit);
CREATE INDEX tract_visit_detector_region_overlap_summary_fkidx_skymap ON tract_visit_detector_region_overlap_summary (skymap);
CREATE INDEX tract_visit_detector_region_overlap_summary_fkidx_instrument ON tract_visit_detector_region_overlap_summary (instrument);
CREATE INDEX tract_visit_detector_region_overlap_fkidx_skymap ON tract_visit_detector_region_overlap (skymap);
CREATE INDEX tract_visit_detector_region_overlap_fkidx_instrument ON tract_visit_detector_region_overlap (instrument);
CREATE INDEX tract_visit_detector_region_overlap_fkidx_skymap_tract ON tract_visit_detector_region_overlap (skymap, tract);
CREATE INDEX tract_visit_detector_region_overlap_fkidx_instrument_detector ON tract_visit_detector_region_overlap (instrument, detector);
CREATE INDEX tract_visit_detector_region_overlap_fkidx_instrument_visit ON tract_visit_detector_region_overlap (instrument, visit);
CREATE INDEX dataset_tags_00000001_fkidx_dataset_type_id ON dataset_tags_00000001 (dataset_type_id);
CREATE INDEX dataset_tags_00000001_fkidx_dataset_id ON dataset_tags_00000001 (dataset_id);
CREATE INDEX dataset_tags_00000001_fkidx_collection_id ON dataset_tags_00000001 (collection_id);
CREATE INDEX dataset_tags_00000001_fkidx_collection_id_dataset_type_id ON dataset_tags_00000001 (collection_id, dataset_type_id);
CREATE INDEX dataset_tags_00000001_fkidx_instrument ON dataset_tags_00000001 (instrument);
CREATE INDEX dataset_tags_00000001_fkidx_collection_id_instrument ON dataset_tags_00000001 (collection_id, instrument);
CREATE INDEX dataset_tags_00000001_fkidx_instrument_detector ON dataset_tags_00000001 (instrument, detector);
CREATE INDEX dataset_tags_00000001_fkidx_instrument_physical_filter ON dataset_tags_00000001 (instrument, physical_filter);
CREATE INDEX dataset_calibs_00000001_idx_dataset_type_id_collection_cc0450f4 ON dataset_calibs_00000001 (dataset_type_id, collection_id, instrument, detector, physical_filter, timespan);
CREATE INDEX dataset_calibs_00000001_fkidx_dataset_type_id ON dataset_calibs_00000001 (dataset_type_id);
CREATE INDEX dataset_calibs_00000001_fkidx_dataset_id ON dataset_calibs_00000001 (dataset_id);
CREATE INDEX dataset_calibs_00000001_fkidx_collection_id ON dataset_calibs_00000001 (collection_id);
CREATE INDEX dataset_calibs_00000001_fkidx_collection_id_dataset_type_id ON dataset_calibs_00000001 (collection_id, dataset_type_id);
CREATE INDEX dataset_calibs_00000001_fkidx_instrument ON dataset_calibs_00000001 (instrument);
CREATE INDEX dataset_calibs_00000001_fkidx_collection_id_instrument ON dataset_calibs_00000001 (collection_id, instrument);
CREATE INDEX dataset_calibs_00000001_fkidx_instrument_detector ON dataset_calibs_00000001 (instrument, detector);
CREATE INDEX dataset_calibs_00000001_fkidx_instrument_physical_filter ON dataset_calibs_00000001 (instrument, physical_filter);
CREATE INDEX dataset_tags_00000002_fkidx_dataset_type_id ON dataset_tags_00000002 (dataset_type_id);
CREATE INDEX dataset_tags_00000002_fkidx_dataset_id ON dataset_tags_00000002 (dataset_id);
CREATE INDEX dataset_tags_00000002_fkidx_collection_id ON dataset_tags_00000002 (collection_id);
CREATE INDEX dataset_tags_00000002_fkidx_collection_id_dataset_type_id ON dataset_tags_00000002 (collection_id, dataset_type_id);
CREATE INDEX dataset_tags_00000002_fkidx_instrument ON dataset_tags_00000002 (instrument);
CREATE INDEX dataset_tags_00000002_fkidx_collection_id_instrument ON dataset_tags_00000002 (collection_id, instrument);
CREATE INDEX dataset_tags_00000002_fkidx_instrument_detector ON dataset_tags_00000002 (instrument, detector);
CREATE INDEX dataset_calibs_00000002_idx_dataset_type_id_collection_d1cb642b ON dataset_calibs_00000002 (dataset_type_id, collection_id, instrument, detector, timespan);
CREATE INDEX dataset_calibs_00000002_fkidx_dataset_type_id ON dataset_calibs_00000002 (dataset_type_id);
CREATE INDEX dataset_calibs_00000002_fkidx_dataset_id ON dataset_calibs_00000002 (dataset_id);
CREATE INDEX dataset_calibs_00000002_fkidx_collection_id ON dataset_calibs_00000002 (collection_id);
CREATE INDEX dataset_calibs_00000002_fkidx_collection_id_dataset_type_id ON dataset_calibs_00000002 (collection_id, dataset_type_id);
CREATE INDEX dataset_calibs_00000002_fkidx_instrument ON dataset_calibs_00000002 (instrument);
CREATE INDEX dataset_calibs_00000002_fkidx_collection_id_instrument ON dataset_calibs_00000002 (collection_id, instrument);
CREATE INDEX dataset_calibs_00000002_fkidx_instrument_detector ON dataset_calibs_00000002 (instrument, detector);
CREATE INDEX dataset_tags_00000003_fkidx_dataset_type_id ON dataset_tags_00000003 (dataset_type_id);
CREATE INDEX dataset_tags_00000003_fkidx_dataset_id ON dataset_tags_00000003 (dataset_id);
CREATE INDEX dataset_tags_00000003_fkidx_collection_id ON dataset_tags_00000003 (collection_id);
CREATE INDEX dataset_tags_00000003_fkidx_collection_id_dataset_type_id ON dataset_tags_00000003 (collection_id, dataset_type_id);
CREATE INDEX dataset_tags_00000003_fkidx_instrument ON dataset_tags_00000003 (instrument);
CREATE INDEX dataset_tags_00000003_fkidx_collection_id_instrument ON dataset_tags_00000003 (collection_id, instrument);
