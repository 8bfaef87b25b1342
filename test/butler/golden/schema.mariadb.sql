CREATE TABLE IF NOT EXISTS "butler_attributes" (
	"name" VARCHAR(512) NOT NULL,
	"value" LONGTEXT NOT NULL,
	PRIMARY KEY ("name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "dimension_graph_key" (
	"id" BIGINT NOT NULL AUTO_INCREMENT,
	PRIMARY KEY ("id")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "dimension_graph_definition" (
	"dimension_graph_id" BIGINT NOT NULL,
	"dimension_name" VARCHAR(512) NOT NULL,
	PRIMARY KEY ("dimension_graph_id", "dimension_name"),
	INDEX "dimension_graph_definition_fkidx_dimension_graph_id" ("dimension_graph_id"),
	CONSTRAINT "fkey9_dimension_graph_definition_dimension_graph_key_i_128aa2d1" FOREIGN KEY ("dimension_graph_id") REFERENCES "dimension_graph_key" ("id") ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "collection" (
	"collection_id" BIGINT NOT NULL AUTO_INCREMENT,
	"name" VARCHAR(512) NOT NULL,
	"type" SMALLINT NOT NULL,
	"doc" LONGTEXT,
	PRIMARY KEY ("collection_id"),
	CONSTRAINT "collection_unq_name" UNIQUE ("name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "run" (
	"collection_id" BIGINT NOT NULL,
	"host" LONGTEXT,
	"timespan_begin" BIGINT,
	"timespan_end" BIGINT,
	PRIMARY KEY ("collection_id"),
	CONSTRAINT "fkey9_run_collection_collection_id_collection_id" FOREIGN KEY ("collection_id") REFERENCES "collection" ("collection_id") ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "collection_chain" (
	"parent" BIGINT NOT NULL,
	"position" SMALLINT NOT NULL,
	"child" BIGINT NOT NULL,
	PRIMARY KEY ("parent", "position"),
	INDEX "collection_chain_fkidx_parent" ("parent"),
	INDEX "collection_chain_fkidx_child" ("child"),
	CONSTRAINT "fkey8_collection_chain_collection_collection_id_parent" FOREIGN KEY ("parent") REFERENCES "collection" ("collection_id") ON DELETE CASCADE,
	CONSTRAINT "fkey8_collection_chain_collection_collection_id_child" FOREIGN KEY ("child") REFERENCES "collection" ("collection_id")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "dataset_type" (
	"id" BIGINT NOT NULL AUTO_INCREMENT,
	"name" VARCHAR(512) NOT NULL,
	"storage_class" LONGTEXT NOT NULL,
	"dimensions_key" BIGINT NOT NULL,
	"tag_association_table" LONGTEXT NOT NULL,
	"calibration_association_table" LONGTEXT,
	PRIMARY KEY ("id"),
	CONSTRAINT "dataset_type_unq_name" UNIQUE ("name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "dataset" (
	"id" CHAR(32) NOT NULL,
	"dataset_type_id" BIGINT NOT NULL,
	"ingest_date" BIGINT NOT NULL,
	"run_id" BIGINT NOT NULL,
	PRIMARY KEY ("id"),
	INDEX "dataset_fkidx_dataset_type_id" ("dataset_type_id"),
	INDEX "dataset_fkidx_run_id" ("run_id"),
	CONSTRAINT "fkey8_dataset_dataset_type_id_dataset_type_id" FOREIGN KEY ("dataset_type_id") REFERENCES "dataset_type" ("id"),
	CONSTRAINT "fkey8_dataset_run_collection_id_run_id" FOREIGN KEY ("run_id") REFERENCES "run" ("collection_id") ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "collection_summary_dataset_type" (
	"collection_id" BIGINT NOT NULL,
	"dataset_type_id" BIGINT NOT NULL,
	PRIMARY KEY ("collection_id", "dataset_type_id"),
	INDEX "collection_summary_dataset_type_fkidx_collection_id" ("collection_id"),
	INDEX "collection_summary_dataset_type_fkidx_dataset_type_id" ("dataset_type_id"),
	CONSTRAINT "fkey9_collection_summary_dataset_type_collection_colle_ad8027e6" FOREIGN KEY ("collection_id") REFERENCES "collection" ("collection_id") ON DELETE CASCADE,
	CONSTRAINT "fkey9_collection_summary_dataset_type_dataset_type_id__90c69f7b" FOREIGN KEY ("dataset_type_id") REFERENCES "dataset_type" ("id") ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "collection_summary_instrument" (
	"collection_id" BIGINT NOT NULL,
	"instrument" VARCHAR(32) NOT NULL,
	PRIMARY KEY ("collection_id", "instrument"),
	INDEX "collection_summary_instrument_fkidx_collection_id" ("collection_id"),
	INDEX "collection_summary_instrument_fkidx_instrument" ("instrument"),
	CONSTRAINT "fkey8_collection_summary_instrument_collection_collect_07f887bb" FOREIGN KEY ("collection_id") REFERENCES "collection" ("collection_id") ON DELETE CASCADE,
	CONSTRAINT "fkey8_collection_summary_instrument_instrument_name_instrument" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "collection_summary_skymap" (
	"collection_id" BIGINT NOT NULL,
	"skymap" VARCHAR(64) NOT NULL,
	PRIMARY KEY ("collection_id", "skymap"),
	INDEX "collection_summary_skymap_fkidx_collection_id" ("collection_id"),
	INDEX "collection_summary_skymap_fkidx_skymap" ("skymap"),
	CONSTRAINT "fkey8_collection_summary_skymap_collection_collection__9eba2757" FOREIGN KEY ("collection_id") REFERENCES "collection" ("collection_id") ON DELETE CASCADE,
	CONSTRAINT "fkey8_collection_summary_skymap_skymap_name_skymap" FOREIGN KEY ("skymap") REFERENCES "skymap" ("name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "dataset_location" (
	"datastore_name" VARCHAR(512) NOT NULL,
	"dataset_id" CHAR(32) NOT NULL,
	PRIMARY KEY ("datastore_name", "dataset_id"),
	INDEX "dataset_location_fkidx_dataset_id" ("dataset_id"),
	CONSTRAINT "fkey8_dataset_location_dataset_id_dataset_id" FOREIGN KEY ("dataset_id") REFERENCES "dataset" ("id")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "dataset_location_trash" (
	"dataset_id" CHAR(32) NOT NULL,
	"datastore_name" VARCHAR(512) NOT NULL,
	PRIMARY KEY ("dataset_id", "datastore_name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "opaque_meta" (
	"table_name" VARCHAR(512) NOT NULL,
	PRIMARY KEY ("table_name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "file_datastore_records" (
	"dataset_id" CHAR(32) NOT NULL,
	"path" LONGTEXT NOT NULL,
	"formatter" LONGTEXT NOT NULL,
	"storage_class" LONGTEXT NOT NULL,
	"component" VARCHAR(32) NOT NULL,
	"checksum" LONGTEXT,
	"file_size" BIGINT,
	PRIMARY KEY ("dataset_id", "component"),
	INDEX "file_datastore_records_idx_path" ("path"(512))
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "instrument" (
	"name" VARCHAR(32) NOT NULL,
	"visit_max" BIGINT,
	"visit_system" BIGINT,
	"exposure_max" BIGINT,
	"detector_max" BIGINT,
	"class_name" VARCHAR(64),
	PRIMARY KEY ("name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "skymap" (
	"name" VARCHAR(64) NOT NULL,
	"hash" VARCHAR(512),
	"tract_max" BIGINT,
	"patch_nx_max" BIGINT,
	"patch_ny_max" BIGINT,
	PRIMARY KEY ("name"),
	CONSTRAINT "skymap_unq_hash" UNIQUE ("hash")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "ssp_hypothesis_table" (
	"name" VARCHAR(64) NOT NULL,
	PRIMARY KEY ("name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "day_obs" (
	"instrument" VARCHAR(32) NOT NULL,
	"id" BIGINT NOT NULL,
	"timespan_begin" BIGINT,
	"timespan_end" BIGINT,
	PRIMARY KEY ("instrument", "id"),
	INDEX "day_obs_fkidx_instrument" ("instrument"),
	CONSTRAINT "fkey8_day_obs_instrument_name_instrument" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "detector" (
	"instrument" VARCHAR(32) NOT NULL,
	"id" BIGINT NOT NULL,
	"full_name" VARCHAR(32),
	"name_in_raft" VARCHAR(32),
	"raft" VARCHAR(32),
	"purpose" VARCHAR(32),
	PRIMARY KEY ("instrument", "id"),
	CONSTRAINT "detector_unq_instrument_full_name" UNIQUE ("instrument", "full_name"),
	INDEX "detector_fkidx_instrument" ("instrument"),
	CONSTRAINT "fkey8_detector_instrument_name_instrument" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "group" (
	"instrument" VARCHAR(32) NOT NULL,
	"name" VARCHAR(64) NOT NULL,
	PRIMARY KEY ("instrument", "name"),
	INDEX "group_fkidx_instrument" ("instrument"),
	CONSTRAINT "fkey8_group_instrument_name_instrument" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "physical_filter" (
	"instrument" VARCHAR(32) NOT NULL,
	"name" VARCHAR(32) NOT NULL,
	"band" VARCHAR(32) NOT NULL,
	PRIMARY KEY ("instrument", "name"),
	INDEX "physical_filter_fkidx_instrument" ("instrument"),
	CONSTRAINT "fkey8_physical_filter_instrument_name_instrument" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "ssp_balanced_index" (
	"ssp_hypothesis_table" VARCHAR(64) NOT NULL,
	"id" BIGINT NOT NULL,
	PRIMARY KEY ("ssp_hypothesis_table", "id"),
	INDEX "ssp_balanced_index_fkidx_ssp_hypothesis_table" ("ssp_hypothesis_table"),
	CONSTRAINT "fkey8_ssp_balanced_index_ssp_hypothesis_table_name_ssp_6c642ad8" FOREIGN KEY ("ssp_hypothesis_table") REFERENCES "ssp_hypothesis_table" ("name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "ssp_hypothesis_bundle" (
	"ssp_hypothesis_table" VARCHAR(64) NOT NULL,
	"id" BIGINT NOT NULL,
	PRIMARY KEY ("ssp_hypothesis_table", "id"),
	INDEX "ssp_hypothesis_bundle_fkidx_ssp_hypothesis_table" ("ssp_hypothesis_table"),
	CONSTRAINT "fkey8_ssp_hypothesis_bundle_ssp_hypothesis_table_name__6ff47627" FOREIGN KEY ("ssp_hypothesis_table") REFERENCES "ssp_hypothesis_table" ("name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "subfilter" (
	"band" VARCHAR(32) NOT NULL,
	"id" BIGINT NOT NULL,
	PRIMARY KEY ("band", "id")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "tract" (
	"skymap" VARCHAR(64) NOT NULL,
	"id" BIGINT NOT NULL,
	"region" LONGTEXT,
	PRIMARY KEY ("skymap", "id"),
	INDEX "tract_fkidx_skymap" ("skymap"),
	CONSTRAINT "fkey8_tract_skymap_name_skymap" FOREIGN KEY ("skymap") REFERENCES "skymap" ("name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "visit_system" (
	"instrument" VARCHAR(32) NOT NULL,
	"id" BIGINT NOT NULL,
	"name" VARCHAR(32),
	PRIMARY KEY ("instrument", "id"),
	CONSTRAINT "visit_system_unq_instrument_name" UNIQUE ("instrument", "name"),
	INDEX "visit_system_fkidx_instrument" ("instrument"),
	CONSTRAINT "fkey8_visit_system_instrument_name_instrument" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "exposure" (
	"instrument" VARCHAR(32) NOT NULL,
	"id" BIGINT NOT NULL,
	"day_obs" BIGINT NOT NULL,
	"group" VARCHAR(64) NOT NULL,
	"physical_filter" VARCHAR(32) NOT NULL,
	"obs_id" VARCHAR(64),
	"exposure_time" DOUBLE,
	"dark_time" DOUBLE,
	"observation_type" VARCHAR(16),
	"observation_reason" VARCHAR(68),
	"seq_num" BIGINT,
	"seq_start" BIGINT,
	"seq_end" BIGINT,
	"target_name" VARCHAR(64),
	"science_program" VARCHAR(64),
	"tracking_ra" DOUBLE,
	"tracking_dec" DOUBLE,
	"sky_angle" DOUBLE,
	"azimuth" DOUBLE,
	"zenith_angle" DOUBLE,
	"has_simulated" BOOLEAN,
	"can_see_sky" BOOLEAN,
	"timespan_begin" BIGINT,
	"timespan_end" BIGINT,
	PRIMARY KEY ("instrument", "id"),
	CONSTRAINT "exposure_unq_instrument_obs_id" UNIQUE ("instrument", "obs_id"),
	INDEX "exposure_fkidx_instrument" ("instrument"),
	INDEX "exposure_fkidx_instrument_day_obs" ("instrument", "day_obs"),
	INDEX "exposure_fkidx_instrument_group" ("instrument", "group"),
	INDEX "exposure_fkidx_instrument_physical_filter" ("instrument", "physical_filter"),
	CONSTRAINT "fkey5_exposure_instrument_name_instrument" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name"),
	CONSTRAINT "fkey5_exposure_day_obs_instrument_id_instrument_day_obs" FOREIGN KEY ("instrument", "day_obs") REFERENCES "day_obs" ("instrument", "id"),
	CONSTRAINT "fkey5_exposure_group_instrument_name_instrument_group" FOREIGN KEY ("instrument", "group") REFERENCES "group" ("instrument", "name"),
	CONSTRAINT "fkey5_exposure_physical_filter_instrument_name_instrum_10cad6b6" FOREIGN KEY ("instrument", "physical_filter") REFERENCES "physical_filter" ("instrument", "name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "patch" (
	"skymap" VARCHAR(64) NOT NULL,
	"tract" BIGINT NOT NULL,
	"id" BIGINT NOT NULL,
	"cell_x" BIGINT,
	"cell_y" BIGINT,
	"region" LONGTEXT,
	PRIMARY KEY ("skymap", "tract", "id"),
	INDEX "patch_fkidx_skymap" ("skymap"),
	INDEX "patch_fkidx_skymap_tract" ("skymap", "tract"),
	CONSTRAINT "fkey7_patch_skymap_name_skymap" FOREIGN KEY ("skymap") REFERENCES "skymap" ("name"),
	CONSTRAINT "fkey7_patch_tract_skymap_id_skymap_tract" FOREIGN KEY ("skymap", "tract") REFERENCES "tract" ("skymap", "id")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "visit" (
	"instrument" VARCHAR(32) NOT NULL,
	"id" BIGINT NOT NULL,
	"day_obs" BIGINT NOT NULL,
	"physical_filter" VARCHAR(32) NOT NULL,
	"name" VARCHAR(64),
	"seq_num" BIGINT,
	"exposure_time" DOUBLE,
	"target_name" VARCHAR(64),
	"observation_reason" VARCHAR(68),
	"science_program" VARCHAR(64),
	"azimuth" DOUBLE,
	"zenith_angle" DOUBLE,
	"region" LONGTEXT,
	"timespan_begin" BIGINT,
	"timespan_end" BIGINT,
	PRIMARY KEY ("instrument", "id"),
	CONSTRAINT "visit_unq_instrument_name" UNIQUE ("instrument", "name"),
	INDEX "visit_fkidx_instrument" ("instrument"),
	INDEX "visit_fkidx_instrument_day_obs" ("instrument", "day_obs"),
	INDEX "visit_fkidx_instrument_physical_filter" ("instrument", "physical_filter"),
	CONSTRAINT "fkey6_visit_instrument_name_instrument" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name"),
	CONSTRAINT "fkey6_visit_day_obs_instrument_id_instrument_day_obs" FOREIGN KEY ("instrument", "day_obs") REFERENCES "day_obs" ("instrument", "id"),
	CONSTRAINT "fkey6_visit_physical_filter_instrument_name_instrument_203bede1" FOREIGN KEY ("instrument", "physical_filter") REFERENCES "physical_filter" ("instrument", "name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "visit_definition" (
	"instrument" VARCHAR(32) NOT NULL,
	"exposure" BIGINT NOT NULL,
	"visit" BIGINT NOT NULL,
	PRIMARY KEY ("instrument", "exposure", "visit"),
	INDEX "visit_definition_fkidx_instrument" ("instrument"),
	INDEX "visit_definition_fkidx_instrument_exposure" ("instrument", "exposure"),
	INDEX "visit_definition_fkidx_instrument_visit" ("instrument", "visit"),
	CONSTRAINT "fkey6_visit_definition_instrument_name_instrument" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name"),
	CONSTRAINT "fkey6_visit_definition_exposure_instrument_id_instrume_bfe9cdb0" FOREIGN KEY ("instrument", "exposure") REFERENCES "exposure" ("instrument", "id"),
	CONSTRAINT "fkey6_visit_definition_visit_instrument_id_instrument_visit" FOREIGN KEY ("instrument", "visit") REFERENCES "visit" ("instrument", "id")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "visit_detector_region" (
	"instrument" VARCHAR(32) NOT NULL,
	"detector" BIGINT NOT NULL,
	"visit" BIGINT NOT NULL,
	"region" LONGTEXT,
	PRIMARY KEY ("instrument", "detector", "visit"),
	INDEX "visit_detector_region_fkidx_instrument" ("instrument"),
	INDEX "visit_detector_region_fkidx_instrument_detector" ("instrument", "detector"),
	INDEX "visit_detector_region_fkidx_instrument_visit" ("instrument", "visit"),
	CONSTRAINT "fkey6_visit_detector_region_instrument_name_instrument" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name"),
	CONSTRAINT "fkey6_visit_detector_region_detector_instrument_id_ins_3b1e4841" FOREIGN KEY ("instrument", "detector") REFERENCES "detector" ("instrument", "id"),
	CONSTRAINT "fkey6_visit_detector_region_visit_instrument_id_instru_9a064ff5" FOREIGN KEY ("instrument", "visit") REFERENCES "visit" ("instrument", "id")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "visit_system_membership" (
	"instrument" VARCHAR(32) NOT NULL,
	"visit_system" BIGINT NOT NULL,
	"visit" BIGINT NOT NULL,
	PRIMARY KEY ("instrument", "visit_system", "visit"),
	INDEX "visit_system_membership_fkidx_instrument" ("instrument"),
	INDEX "visit_system_membership_fkidx_instrument_visit_system" ("instrument", "visit_system"),
	INDEX "visit_system_membership_fkidx_instrument_visit" ("instrument", "visit"),
	CONSTRAINT "fkey6_visit_system_membership_instrument_name_instrument" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name"),
	CONSTRAINT "fkey6_visit_system_membership_visit_system_instrument__e1d7bf3c" FOREIGN KEY ("instrument", "visit_system") REFERENCES "visit_system" ("instrument", "id"),
	CONSTRAINT "fkey6_visit_system_membership_visit_instrument_id_inst_52235470" FOREIGN KEY ("instrument", "visit") REFERENCES "visit" ("instrument", "id")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "tract_skypix_overlap_summary" (
	"skypix_system" VARCHAR(16) NOT NULL,
	"skypix_level" SMALLINT NOT NULL,
	"skymap" VARCHAR(64) NOT NULL,
	PRIMARY KEY ("skypix_system", "skypix_level", "skymap"),
	INDEX "tract_skypix_overlap_summary_fkidx_skymap" ("skymap"),
	CONSTRAINT "fkey8_tract_skypix_overlap_summary_skymap_name_skymap" FOREIGN KEY ("skymap") REFERENCES "skymap" ("name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "tract_skypix_overlap" (
	"skypix_system" VARCHAR(16) NOT NULL,
	"skypix_level" SMALLINT NOT NULL,
	"skymap" VARCHAR(64) NOT NULL,
	"tract" BIGINT NOT NULL,
	"skypix_index" BIGINT NOT NULL,
	PRIMARY KEY ("skypix_system", "skypix_level", "skymap", "tract", "skypix_index"),
	INDEX "tract_skypix_overlap_idx_skypix_system_skypix_level_sk_d7c9328a" ("skypix_system", "skypix_level", "skypix_index", "skymap", "tract"),
	INDEX "tract_skypix_overlap_fkidx_skypix_system_skypix_level_skymap" ("skypix_system", "skypix_level", "skymap"),
	INDEX "tract_skypix_overlap_fkidx_skymap" ("skymap"),
	INDEX "tract_skypix_overlap_fkidx_skymap_tract" ("skymap", "tract"),
	CONSTRAINT "fkey7_tract_skypix_overlap_tract_skypix_overlap_summar_03c31d39" FOREIGN KEY ("skypix_system", "skypix_level", "skymap") REFERENCES "tract_skypix_overlap_summary" ("skypix_system", "skypix_level", "skymap") ON DELETE CASCADE,
	CONSTRAINT "fkey7_tract_skypix_overlap_skymap_name_skymap" FOREIGN KEY ("skymap") REFERENCES "skymap" ("name"),
	CONSTRAINT "fkey7_tract_skypix_overlap_tract_skymap_id_skymap_tract" FOREIGN KEY ("skymap", "tract") REFERENCES "tract" ("skymap", "id")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "patch_skypix_overlap_summary" (
	"skypix_system" VARCHAR(16) NOT NULL,
	"skypix_level" SMALLINT NOT NULL,
	"skymap" VARCHAR(64) NOT NULL,
	PRIMARY KEY ("skypix_system", "skypix_level", "skymap"),
	INDEX "patch_skypix_overlap_summary_fkidx_skymap" ("skymap"),
	CONSTRAINT "fkey8_patch_skypix_overlap_summary_skymap_name_skymap" FOREIGN KEY ("skymap") REFERENCES "skymap" ("name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "patch_skypix_overlap" (
	"skypix_system" VARCHAR(16) NOT NULL,
	"skypix_level" SMALLINT NOT NULL,
	"skymap" VARCHAR(64) NOT NULL,
	"tract" BIGINT NOT NULL,
	"patch" BIGINT NOT NULL,
	"skypix_index" BIGINT NOT NULL,
	PRIMARY KEY ("skypix_system", "skypix_level", "skymap", "tract", "patch", "skypix_index"),
	INDEX "patch_skypix_overlap_idx_skypix_system_skypix_level_sk_315a3f24" ("skypix_system", "skypix_level", "skypix_index", "skymap", "tract", "patch"),
	INDEX "patch_skypix_overlap_fkidx_skypix_system_skypix_level_skymap" ("skypix_system", "skypix_level", "skymap"),
	INDEX "patch_skypix_overlap_fkidx_skymap" ("skymap"),
	INDEX "patch_skypix_overlap_fkidx_skymap_tract" ("skymap", "tract"),
	INDEX "patch_skypix_overlap_fkidx_skymap_tract_patch" ("skymap", "tract", "patch"),
	CONSTRAINT "fkey6_patch_skypix_overlap_patch_skypix_overlap_summar_30633a06" FOREIGN KEY ("skypix_system", "skypix_level", "skymap") REFERENCES "patch_skypix_overlap_summary" ("skypix_system", "skypix_level", "skymap") ON DELETE CASCADE,
	CONSTRAINT "fkey6_patch_skypix_overlap_skymap_name_skymap" FOREIGN KEY ("skymap") REFERENCES "skymap" ("name"),
	CONSTRAINT "fkey6_patch_skypix_overlap_tract_skymap_id_skymap_tract" FOREIGN KEY ("skymap", "tract") REFERENCES "tract" ("skymap", "id"),
	CONSTRAINT "fkey6_patch_skypix_overlap_patch_skymap_tract_id_skyma_acc7e8a2" FOREIGN KEY ("skymap", "tract", "patch") REFERENCES "patch" ("skymap", "tract", "id")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "visit_skypix_overlap_summary" (
	"skypix_system" VARCHAR(16) NOT NULL,
	"skypix_level" SMALLINT NOT NULL,
	"instrument" VARCHAR(32) NOT NULL,
	PRIMARY KEY ("skypix_system", "skypix_level", "instrument"),
	INDEX "visit_skypix_overlap_summary_fkidx_instrument" ("instrument"),
	CONSTRAINT "fkey8_visit_skypix_overlap_summary_instrument_name_instrument" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "visit_skypix_overlap" (
	"skypix_system" VARCHAR(16) NOT NULL,
	"skypix_level" SMALLINT NOT NULL,
	"instrument" VARCHAR(32) NOT NULL,
	"visit" BIGINT NOT NULL,
	"skypix_index" BIGINT NOT NULL,
	PRIMARY KEY ("skypix_system", "skypix_level", "instrument", "visit", "skypix_index"),
	INDEX "visit_skypix_overlap_idx_skypix_system_skypix_level_sk_b5ba3bab" ("skypix_system", "skypix_level", "skypix_index", "instrument", "visit"),
	INDEX "visit_skypix_overlap_fkidx_skypix_system_skypix_level__b1a4e9fd" ("skypix_system", "skypix_level", "instrument"),
	INDEX "visit_skypix_overlap_fkidx_instrument" ("instrument"),
	INDEX "visit_skypix_overlap_fkidx_instrument_visit" ("instrument", "visit"),
	CONSTRAINT "fkey7_visit_skypix_overlap_visit_skypix_overlap_summar_3bb76a41" FOREIGN KEY ("skypix_system", "skypix_level", "instrument") REFERENCES "visit_skypix_overlap_summary" ("skypix_system", "skypix_level", "instrument") ON DELETE CASCADE,
	CONSTRAINT "fkey7_visit_skypix_overlap_instrument_name_instrument" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name"),
	CONSTRAINT "fkey7_visit_skypix_overlap_visit_instrument_id_instrument_visit" FOREIGN KEY ("instrument", "visit") REFERENCES "visit" ("instrument", "id")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "visit_detector_region_skypix_overlap_summary" (
	"skypix_system" VARCHAR(16) NOT NULL,
	"skypix_level" SMALLINT NOT NULL,
	"instrument" VARCHAR(32) NOT NULL,
	PRIMARY KEY ("skypix_system", "skypix_level", "instrument"),
	INDEX "visit_detector_region_skypix_overlap_summary_fkidx_instrument" ("instrument"),
	CONSTRAINT "fkey8_visit_detector_region_skypix_overlap_summary_ins_f85416c1" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "visit_detector_region_skypix_overlap" (
	"skypix_system" VARCHAR(16) NOT NULL,
	"skypix_level" SMALLINT NOT NULL,
	"instrument" VARCHAR(32) NOT NULL,
	"detector" BIGINT NOT NULL,
	"visit" BIGINT NOT NULL,
	"skypix_index" BIGINT NOT NULL,
	PRIMARY KEY ("skypix_system", "skypix_level", "instrument", "detector", "visit", "skypix_index"),
	INDEX "visit_detector_region_skypix_overlap_idx_skypix_system_d1c79618" ("skypix_system", "skypix_level", "skypix_index", "instrument", "detector", "visit"),
	INDEX "visit_detector_region_skypix_overlap_fkidx_skypix_syst_99bc735b" ("skypix_system", "skypix_level", "instrument"),
	INDEX "visit_detector_region_skypix_overlap_fkidx_instrument" ("instrument"),
	INDEX "visit_detector_region_skypix_overlap_fkidx_instrument_detector" ("instrument", "detector"),
	INDEX "visit_detector_region_skypix_overlap_fkidx_instrument_visit" ("instrument", "visit"),
	CONSTRAINT "fkey6_visit_detector_region_skypix_overlap_visit_detec_8fa258df" FOREIGN KEY ("skypix_system", "skypix_level", "instrument") REFERENCES "visit_detector_region_skypix_overlap_summary" ("skypix_system", "skypix_level", "instrument") ON DELETE CASCADE,
	CONSTRAINT "fkey6_visit_detector_region_skypix_overlap_instrument__2649ed96" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name"),
	CONSTRAINT "fkey6_visit_detector_region_skypix_overlap_detector_in_5d84a4e9" FOREIGN KEY ("instrument", "detector") REFERENCES "detector" ("instrument", "id"),
	CONSTRAINT "fkey6_visit_detector_region_skypix_overlap_visit_instr_68d8c595" FOREIGN KEY ("instrument", "visit") REFERENCES "visit" ("instrument", "id")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "patch_visit_overlap_summary" (
	"skymap" VARCHAR(64) NOT NULL,
	"instrument" VARCHAR(32) NOT NULL,
	PRIMARY KEY ("skymap", "instrument"),
	INDEX "patch_visit_overlap_summary_fkidx_skymap" ("skymap"),
	INDEX "patch_visit_overlap_summary_fkidx_instrument" ("instrument"),
	CONSTRAINT "fkey7_patch_visit_overlap_summary_skymap_name_skymap" FOREIGN KEY ("skymap") REFERENCES "skymap" ("name"),
	CONSTRAINT "fkey7_patch_visit_overlap_summary_instrument_name_instrument" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "patch_visit_overlap" (
	"skymap" VARCHAR(64) NOT NULL,
	"instrument" VARCHAR(32) NOT NULL,
	"tract" BIGINT NOT NULL,
	"patch" BIGINT NOT NULL,
	"visit" BIGINT NOT NULL,
	PRIMARY KEY ("skymap", "instrument", "tract", "patch", "visit"),
	INDEX "patch_visit_overlap_fkidx_skymap" ("skymap"),
	INDEX "patch_visit_overlap_fkidx_instrument" ("instrument"),
	INDEX "patch_visit_overlap_fkidx_skymap_tract" ("skymap", "tract"),
	INDEX "patch_visit_overlap_fkidx_skymap_tract_patch" ("skymap", "tract", "patch"),
	INDEX "patch_visit_overlap_fkidx_instrument_visit" ("instrument", "visit"),
	CONSTRAINT "fkey4_patch_visit_overlap_skymap_name_skymap" FOREIGN KEY ("skymap") REFERENCES "skymap" ("name"),
	CONSTRAINT "fkey4_patch_visit_overlap_instrument_name_instrument" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name"),
	CONSTRAINT "fkey4_patch_visit_overlap_tract_skymap_id_skymap_tract" FOREIGN KEY ("skymap", "tract") REFERENCES "tract" ("skymap", "id"),
	CONSTRAINT "fkey4_patch_visit_overlap_patch_skymap_tract_id_skymap_d5883bdc" FOREIGN KEY ("skymap", "tract", "patch") REFERENCES "patch" ("skymap", "tract", "id"),
	CONSTRAINT "fkey4_patch_visit_overlap_visit_instrument_id_instrument_visit" FOREIGN KEY ("instrument", "visit") REFERENCES "visit" ("instrument", "id")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "patch_visit_detector_region_overlap_summary" (
	"skymap" VARCHAR(64) NOT NULL,
	"instrument" VARCHAR(32) NOT NULL,
	PRIMARY KEY ("skymap", "instrument"),
	INDEX "patch_visit_detector_region_overlap_summary_fkidx_skymap" ("skymap"),
	INDEX "patch_visit_detector_region_overlap_summary_fkidx_instrument" ("instrument"),
	CONSTRAINT "fkey7_patch_visit_detector_region_overlap_summary_skym_fab09006" FOREIGN KEY ("skymap") REFERENCES "skymap" ("name"),
	CONSTRAINT "fkey7_patch_visit_detector_region_overlap_summary_inst_1bd393fa" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "patch_visit_detector_region_overlap" (
	"skymap" VARCHAR(64) NOT NULL,
	"instrument" VARCHAR(32) NOT NULL,
	"tract" BIGINT NOT NULL,
	"patch" BIGINT NOT NULL,
	"detector" BIGINT NOT NULL,
	"visit" BIGINT NOT NULL,
	PRIMARY KEY ("skymap", "instrument", "tract", "patch", "detector", "visit"),
	INDEX "patch_visit_detector_region_overlap_fkidx_skymap" ("skymap"),
	INDEX "patch_visit_detector_region_overlap_fkidx_instrument" ("instrument"),
	INDEX "patch_visit_detector_region_overlap_fkidx_skymap_tract" ("skymap", "tract"),
	INDEX "patch_visit_detector_region_overlap_fkidx_skymap_tract_patch" ("skymap", "tract", "patch"),
	INDEX "patch_visit_detector_region_overlap_fkidx_instrument_detector" ("instrument", "detector"),
	INDEX "patch_visit_detector_region_overlap_fkidx_instrument_visit" ("instrument", "visit"),
	CONSTRAINT "fkey3_patch_visit_detector_region_overlap_skymap_name_skymap" FOREIGN KEY ("skymap") REFERENCES "skymap" ("name"),
	CONSTRAINT "fkey3_patch_visit_detector_region_overlap_instrument_n_6360209c" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name"),
	CONSTRAINT "fkey3_patch_visit_detector_region_overlap_tract_skymap_d93d27d2" FOREIGN KEY ("skymap", "tract") REFERENCES "tract" ("skymap", "id"),
	CONSTRAINT "fkey3_patch_visit_detector_region_overlap_patch_skymap_9be769bb" FOREIGN KEY ("skymap", "tract", "patch") REFERENCES "patch" ("skymap", "tract", "id"),
	CONSTRAINT "fkey3_patch_visit_detector_region_overlap_detector_ins_45177877" FOREIGN KEY ("instrument", "detector") REFERENCES "detector" ("instrument", "id"),
	CONSTRAINT "fkey3_patch_visit_detector_region_overlap_visit_instru_bcb0cbe1" FOREIGN KEY ("instrument", "visit") REFERENCES "visit" ("instrument", "id")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "tract_visit_overlap_summary" (
	"skymap" VARCHAR(64) NOT NULL,
	"instrument" VARCHAR(32) NOT NULL,
	PRIMARY KEY ("skymap", "instrument"),
	INDEX "tract_visit_overlap_summary_fkidx_skymap" ("skymap"),
	INDEX "tract_visit_overlap_summary_fkidx_instrument" ("instrument"),
	CONSTRAINT "fkey7_tract_visit_overlap_summary_skymap_name_skymap" FOREIGN KEY ("skymap") REFERENCES "skymap" ("name"),
	CONSTRAINT "fkey7_tract_visit_overlap_summary_instrument_name_instrument" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "tract_visit_overlap" (
	"skymap" VARCHAR(64) NOT NULL,
	"instrument" VARCHAR(32) NOT NULL,
	"tract" BIGINT NOT NULL,
	"visit" BIGINT NOT NULL,
	PRIMARY KEY ("skymap", "instrument", "tract", "visit"),
	INDEX "tract_visit_overlap_fkidx_skymap" ("skymap"),
	INDEX "tract_visit_overlap_fkidx_instrument" ("instrument"),
	INDEX "tract_visit_overlap_fkidx_skymap_tract" ("skymap", "tract"),
	INDEX "tract_visit_overlap_fkidx_instrument_visit" ("instrument", "visit"),
	CONSTRAINT "fkey5_tract_visit_overlap_skymap_name_skymap" FOREIGN KEY ("skymap") REFERENCES "skymap" ("name"),
	CONSTRAINT "fkey5_tract_visit_overlap_instrument_name_instrument" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name"),
	CONSTRAINT "fkey5_tract_visit_overlap_tract_skymap_id_skymap_tract" FOREIGN KEY ("skymap", "tract") REFERENCES "tract" ("skymap", "id"),
	CONSTRAINT "fkey5_tract_visit_overlap_visit_instrument_id_instrument_visit" FOREIGN KEY ("instrument", "visit") REFERENCES "visit" ("instrument", "id")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "tract_visit_detector_region_overlap_summary" (
	"skymap" VARCHAR(64) NOT NULL,
	"instrument" VARCHAR(32) NOT NULL,
	PRIMARY KEY ("skymap", "instrument"),
	INDEX "tract_visit_detector_region_overlap_summary_fkidx_skymap" ("skymap"),
	INDEX "tract_visit_detector_region_overlap_summary_fkidx_instrument" ("instrument"),
	CONSTRAINT "fkey7_tract_visit_detector_region_overlap_summary_skym_9cfc8a79" FOREIGN KEY ("skymap") REFERENCES "skymap" ("name"),
	CONSTRAINT "fkey7_tract_visit_detector_region_overlap_summary_inst_f7915217" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "tract_visit_detector_region_overlap" (
	"skymap" VARCHAR(64) NOT NULL,
	"instrument" VARCHAR(32) NOT NULL,
	"tract" BIGINT NOT NULL,
	"detector" BIGINT NOT NULL,
	"visit" BIGINT NOT NULL,
	PRIMARY KEY ("skymap", "instrument", "tract", "detector", "visit"),
	INDEX "tract_visit_detector_region_overlap_fkidx_skymap" ("skymap"),
	INDEX "tract_visit_detector_region_overlap_fkidx_instrument" ("instrument"),
	INDEX "tract_visit_detector_region_overlap_fkidx_skymap_tract" ("skymap", "tract"),
	INDEX "tract_visit_detector_region_overlap_fkidx_instrument_detector" ("instrument", "detector"),
	INDEX "tract_visit_detector_region_overlap_fkidx_instrument_visit" ("instrument", "visit"),
	CONSTRAINT "fkey4_tract_visit_detector_region_overlap_skymap_name_skymap" FOREIGN KEY ("skymap") REFERENCES "skymap" ("name"),
	CONSTRAINT "fkey4_tract_visit_detector_region_overlap_instrument_n_adf34694" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name"),
	CONSTRAINT "fkey4_tract_visit_detector_region_overlap_tract_skymap_3d1079a3" FOREIGN KEY ("skymap", "tract") REFERENCES "tract" ("skymap", "id"),
	CONSTRAINT "fkey4_tract_visit_detector_region_overlap_detector_ins_0ddfb46f" FOREIGN KEY ("instrument", "detector") REFERENCES "detector" ("instrument", "id"),
	CONSTRAINT "fkey4_tract_visit_detector_region_overlap_visit_instru_c11044f8" FOREIGN KEY ("instrument", "visit") REFERENCES "visit" ("instrument", "id")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "dataset_tags_00000001" (
	"dataset_type_id" BIGINT NOT NULL,
	"dataset_id" CHAR(32) NOT NULL,
	"collection_id" BIGINT NOT NULL,
	"instrument" VARCHAR(32) NOT NULL,
	"detector" BIGINT NOT NULL,
	"physical_filter" VARCHAR(32) NOT NULL,
	PRIMARY KEY ("dataset_id", "collection_id"),
	CONSTRAINT "dataset_tags_00000001_unq_dataset_type_id_collection_i_b331a4e3" UNIQUE ("dataset_type_id", "collection_id", "instrument", "detector", "physical_filter"),
	INDEX "dataset_tags_00000001_fkidx_dataset_type_id" ("dataset_type_id"),
	INDEX "dataset_tags_00000001_fkidx_dataset_id" ("dataset_id"),
	INDEX "dataset_tags_00000001_fkidx_collection_id" ("collection_id"),
	INDEX "dataset_tags_00000001_fkidx_collection_id_dataset_type_id" ("collection_id", "dataset_type_id"),
	INDEX "dataset_tags_00000001_fkidx_instrument" ("instrument"),
	INDEX "dataset_tags_00000001_fkidx_collection_id_instrument" ("collection_id", "instrument"),
	INDEX "dataset_tags_00000001_fkidx_instrument_detector" ("instrument", "detector"),
	INDEX "dataset_tags_00000001_fkidx_instrument_physical_filter" ("instrument", "physical_filter"),
	CONSTRAINT "fkey3_dataset_tags_00000001_dataset_type_id_dataset_type_id" FOREIGN KEY ("dataset_type_id") REFERENCES "dataset_type" ("id"),
	CONSTRAINT "fkey3_dataset_tags_00000001_dataset_id_dataset_id" FOREIGN KEY ("dataset_id") REFERENCES "dataset" ("id") ON DELETE CASCADE,
	CONSTRAINT "fkey3_dataset_tags_00000001_collection_collection_id_c_f59d6109" FOREIGN KEY ("collection_id") REFERENCES "collection" ("collection_id") ON DELETE CASCADE,
	CONSTRAINT "fkey3_dataset_tags_00000001_collection_summary_dataset_9858d88a" FOREIGN KEY ("collection_id", "dataset_type_id") REFERENCES "collection_summary_dataset_type" ("collection_id", "dataset_type_id"),
	CONSTRAINT "fkey3_dataset_tags_00000001_instrument_name_instrument" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name"),
	CONSTRAINT "fkey3_dataset_tags_00000001_collection_summary_instrum_4bfd5a46" FOREIGN KEY ("collection_id", "instrument") REFERENCES "collection_summary_instrument" ("collection_id", "instrument"),
	CONSTRAINT "fkey3_dataset_tags_00000001_detector_instrument_id_ins_778a86e7" FOREIGN KEY ("instrument", "detector") REFERENCES "detector" ("instrument", "id"),
	CONSTRAINT "fkey3_dataset_tags_00000001_physical_filter_instrument_20495ba2" FOREIGN KEY ("instrument", "physical_filter") REFERENCES "physical_filter" ("instrument", "name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "dataset_calibs_00000001" (
	"id" BIGINT NOT NULL AUTO_INCREMENT,
	"dataset_type_id" BIGINT NOT NULL,
	"dataset_id" CHAR(32) NOT NULL,
	"collection_id" BIGINT NOT NULL,
	"instrument" VARCHAR(32) NOT NULL,
	"detector" BIGINT NOT NULL,
	"physical_filter" VARCHAR(32) NOT NULL,
	"timespan_begin" BIGINT NOT NULL DEFAULT 0,
	"timespan_end" BIGINT NOT NULL DEFAULT 4102444800000000000,
	PRIMARY KEY ("id"),
	INDEX "dataset_calibs_00000001_idx_dataset_type_id_collection_cc0450f4" ("dataset_type_id", "collection_id", "instrument", "detector", "physical_filter", "timespan_begin", "timespan_end"),
	INDEX "dataset_calibs_00000001_fkidx_dataset_type_id" ("dataset_type_id"),
	INDEX "dataset_calibs_00000001_fkidx_dataset_id" ("dataset_id"),
	INDEX "dataset_calibs_00000001_fkidx_collection_id" ("collection_id"),
	INDEX "dataset_calibs_00000001_fkidx_collection_id_dataset_type_id" ("collection_id", "dataset_type_id"),
	INDEX "dataset_calibs_00000001_fkidx_instrument" ("instrument"),
	INDEX "dataset_calibs_00000001_fkidx_collection_id_instrument" ("collection_id", "instrument"),
	INDEX "dataset_calibs_00000001_fkidx_instrument_detector" ("instrument", "detector"),
	INDEX "dataset_calibs_00000001_fkidx_instrument_physical_filter" ("instrument", "physical_filter"),
	CONSTRAINT "fkey3_dataset_calibs_00000001_dataset_type_id_dataset_type_id" FOREIGN KEY ("dataset_type_id") REFERENCES "dataset_type" ("id"),
	CONSTRAINT "fkey3_dataset_calibs_00000001_dataset_id_dataset_id" FOREIGN KEY ("dataset_id") REFERENCES "dataset" ("id") ON DELETE CASCADE,
	CONSTRAINT "fkey3_dataset_calibs_00000001_collection_collection_id_8ac4f296" FOREIGN KEY ("collection_id") REFERENCES "collection" ("collection_id") ON DELETE CASCADE,
	CONSTRAINT "fkey3_dataset_calibs_00000001_collection_summary_datas_eddfa767" FOREIGN KEY ("collection_id", "dataset_type_id") REFERENCES "collection_summary_dataset_type" ("collection_id", "dataset_type_id"),
	CONSTRAINT "fkey3_dataset_calibs_00000001_instrument_name_instrument" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name"),
	CONSTRAINT "fkey3_dataset_calibs_00000001_collection_summary_instr_15f766ea" FOREIGN KEY ("collection_id", "instrument") REFERENCES "collection_summary_instrument" ("collection_id", "instrument"),
	CONSTRAINT "fkey3_dataset_calibs_00000001_detector_instrument_id_i_df52d8c3" FOREIGN KEY ("instrument", "detector") REFERENCES "detector" ("instrument", "id"),
	CONSTRAINT "fkey3_dataset_calibs_00000001_physical_filter_instrume_b17150ec" FOREIGN KEY ("instrument", "physical_filter") REFERENCES "physical_filter" ("instrument", "name")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "dataset_tags_00000002" (
	"dataset_type_id" BIGINT NOT NULL,
	"dataset_id" CHAR(32) NOT NULL,
	"collection_id" BIGINT NOT NULL,
	"instrument" VARCHAR(32) NOT NULL,
	"detector" BIGINT NOT NULL,
	PRIMARY KEY ("dataset_id", "collection_id"),
	CONSTRAINT "dataset_tags_00000002_unq_dataset_type_id_collection_i_01265326" UNIQUE ("dataset_type_id", "collection_id", "instrument", "detector"),
	INDEX "dataset_tags_00000002_fkidx_dataset_type_id" ("dataset_type_id"),
	INDEX "dataset_tags_00000002_fkidx_dataset_id" ("dataset_id"),
	INDEX "dataset_tags_00000002_fkidx_collection_id" ("collection_id"),
	INDEX "dataset_tags_00000002_fkidx_collection_id_dataset_type_id" ("collection_id", "dataset_type_id"),
	INDEX "dataset_tags_00000002_fkidx_instrument" ("instrument"),
	INDEX "dataset_tags_00000002_fkidx_collection_id_instrument" ("collection_id", "instrument"),
	INDEX "dataset_tags_00000002_fkidx_instrument_detector" ("instrument", "detector"),
	CONSTRAINT "fkey4_dataset_tags_00000002_dataset_type_id_dataset_type_id" FOREIGN KEY ("dataset_type_id") REFERENCES "dataset_type" ("id"),
	CONSTRAINT "fkey4_dataset_tags_00000002_dataset_id_dataset_id" FOREIGN KEY ("dataset_id") REFERENCES "dataset" ("id") ON DELETE CASCADE,
	CONSTRAINT "fkey4_dataset_tags_00000002_collection_collection_id_c_17b9ba8e" FOREIGN KEY ("collection_id") REFERENCES "collection" ("collection_id") ON DELETE CASCADE,
	CONSTRAINT "fkey4_dataset_tags_00000002_collection_summary_dataset_65183be6" FOREIGN KEY ("collection_id", "dataset_type_id") REFERENCES "collection_summary_dataset_type" ("collection_id", "dataset_type_id"),
	CONSTRAINT "fkey4_dataset_tags_00000002_instrument_name_instrument" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name"),
	CONSTRAINT "fkey4_dataset_tags_00000002_collection_summary_instrum_61910221" FOREIGN KEY ("collection_id", "instrument") REFERENCES "collection_summary_instrument" ("collection_id", "instrument"),
	CONSTRAINT "fkey4_dataset_tags_00000002_detector_instrument_id_ins_b1dc981e" FOREIGN KEY ("instrument", "detector") REFERENCES "detector" ("instrument", "id")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "dataset_calibs_00000002" (
	"id" BIGINT NOT NULL AUTO_INCREMENT,
	"dataset_type_id" BIGINT NOT NULL,
	"dataset_id" CHAR(32) NOT NULL,
	"collection_id" BIGINT NOT NULL,
	"instrument" VARCHAR(32) NOT NULL,
	"detector" BIGINT NOT NULL,
	"timespan_begin" BIGINT NOT NULL DEFAULT 0,
	"timespan_end" BIGINT NOT NULL DEFAULT 4102444800000000000,
	PRIMARY KEY ("id"),
	INDEX "dataset_calibs_00000002_idx_dataset_type_id_collection_d1cb642b" ("dataset_type_id", "collection_id", "instrument", "detector", "timespan_begin", "timespan_end"),
	INDEX "dataset_calibs_00000002_fkidx_dataset_type_id" ("dataset_type_id"),
	INDEX "dataset_calibs_00000002_fkidx_dataset_id" ("dataset_id"),
	INDEX "dataset_calibs_00000002_fkidx_collection_id" ("collection_id"),
	INDEX "dataset_calibs_00000002_fkidx_collection_id_dataset_type_id" ("collection_id", "dataset_type_id"),
	INDEX "dataset_calibs_00000002_fkidx_instrument" ("instrument"),
	INDEX "dataset_calibs_00000002_fkidx_collection_id_instrument" ("collection_id", "instrument"),
	INDEX "dataset_calibs_00000002_fkidx_instrument_detector" ("instrument", "detector"),
	CONSTRAINT "fkey4_dataset_calibs_00000002_dataset_type_id_dataset_type_id" FOREIGN KEY ("dataset_type_id") REFERENCES "dataset_type" ("id"),
	CONSTRAINT "fkey4_dataset_calibs_00000002_dataset_id_dataset_id" FOREIGN KEY ("dataset_id") REFERENCES "dataset" ("id") ON DELETE CASCADE,
	CONSTRAINT "fkey4_dataset_calibs_00000002_collection_collection_id_dd731376" FOREIGN KEY ("collection_id") REFERENCES "collection" ("collection_id") ON DELETE CASCADE,
	CONSTRAINT "fkey4_dataset_calibs_00000002_collection_summary_datas_b0c369a3" FOREIGN KEY ("collection_id", "dataset_type_id") REFERENCES "collection_summary_dataset_type" ("collection_id", "dataset_type_id"),
	CONSTRAINT "fkey4_dataset_calibs_00000002_instrument_name_instrument" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name"),
	CONSTRAINT "fkey4_dataset_calibs_00000002_collection_summary_instr_9fe01716" FOREIGN KEY ("collection_id", "instrument") REFERENCES "collection_summary_instrument" ("collection_id", "instrument"),
	CONSTRAINT "fkey4_dataset_calibs_00000002_detector_instrument_id_i_b9d3d20b" FOREIGN KEY ("instrument", "detector") REFERENCES "detector" ("instrument", "id")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS "dataset_tags_00000003" (
	"dataset_type_id" BIGINT NOT NULL,
	"dataset_id" CHAR(32) NOT NULL,
	"collection_id" BIGINT NOT NULL,
	"instrument" VARCHAR(32) NOT NULL,
	PRIMARY KEY ("dataset_id", "collection_id"),
	CONSTRAINT "dataset_tags_00000003_unq_dataset_type_id_collection_i_3ec20cfe" UNIQUE ("dataset_type_id", "collection_id", "instrument"),
	INDEX "dataset_tags_00000003_fkidx_dataset_type_id" ("dataset_type_id"),
	INDEX "dataset_tags_00000003_fkidx_dataset_id" ("dataset_id"),
	INDEX "dataset_tags_00000003_fkidx_collection_id" ("collection_id"),
	INDEX "dataset_tags_00000003_fkidx_collection_id_dataset_type_id" ("collection_id", "dataset_type_id"),
	INDEX "dataset_tags_00000003_fkidx_instrument" ("instrument"),
	INDEX "dataset_tags_00000003_fkidx_collection_id_instrument" ("collection_id", "instrument"),
	CONSTRAINT "fkey5_dataset_tags_00000003_dataset_type_id_dataset_type_id" FOREIGN KEY ("dataset_type_id") REFERENCES "dataset_type" ("id"),
	CONSTRAINT "fkey5_dataset_tags_00000003_dataset_id_dataset_id" FOREIGN KEY ("dataset_id") REFERENCES "dataset" ("id") ON DELETE CASCADE,
	CONSTRAINT "fkey5_dataset_tags_00000003_collection_collection_id_c_f406b6d5" FOREIGN KEY ("collection_id") REFERENCES "collection" ("collection_id") ON DELETE CASCADE,
	CONSTRAINT "fkey5_dataset_tags_00000003_collection_summary_dataset_6299a291" FOREIGN KEY ("collection_id", "dataset_type_id") REFERENCES "collection_summary_dataset_type" ("collection_id", "dataset_type_id"),
	CONSTRAINT "fkey5_dataset_tags_00000003_instrument_name_instrument" FOREIGN KEY ("instrument") REFERENCES "instrument" ("name"),
	CONSTRAINT "fkey5_dataset_tags_00000003_collection_summary_instrum_0e368a0a" FOREIGN KEY ("collection_id", "instrument") REFERENCES "collection_summary_instrument" ("collection_id", "instrument")
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
