"""Functions of PostgreSQL that only look and reckon: all others count as doing more."""

BUILT_IN = frozenset(
    """
    abbrev abs acos acosd acosh age area array_agg array_append array_cat array_dims array_fill array_length
    array_lower array_ndims array_position array_positions array_prepend array_remove array_replace
    array_to_json array_to_string array_to_tsvector array_upper ascii asin asind asinh atan atan2 atan2d atand
    atanh avg bit_and bit_count bit_length bit_or bit_xor bool_and bool_or box broadcast btrim cardinality cbrt
    ceil ceiling center char_length character_length chr circle col_description concat concat_ws convert
    convert_from convert_to corr cos cosd cosh cot cotd count covar_pop covar_samp cume_dist current_database
    current_schema current_schemas current_setting current_user date date_bin date_part date_trunc
    datemultirange daterange decode degrees dense_rank diagonal diameter div encode enum_first enum_last
    enum_range every exp extract factorial family first_value floor format format_type gcd generate_series
    generate_subscripts get_bit get_byte get_current_ts_config getdatabaseencoding has_any_column_privilege
    has_column_privilege has_database_privilege has_foreign_data_wrapper_privilege has_function_privilege
    has_language_privilege has_parameter_privilege has_schema_privilege has_sequence_privilege
    has_server_privilege has_table_privilege has_tablespace_privilege has_type_privilege hashtext
    hashtextextended height host hostmask inet_client_addr inet_client_port inet_merge inet_same_family
    inet_server_addr inet_server_port initcap int4multirange int4range int8multirange int8range interval
    is_normalized isclosed isempty isfinite ishorizontal isopen isparallel isperp isvertical json_agg
    json_array_elements json_array_elements_text json_array_length json_build_array json_build_object json_each
    json_each_text json_extract_path json_extract_path_text json_object json_object_agg json_object_keys
    json_populate_record json_populate_recordset json_strip_nulls json_to_record json_to_recordset
    json_to_tsvector json_typeof jsonb_agg jsonb_array_elements jsonb_array_elements_text jsonb_array_length
    jsonb_build_array jsonb_build_object jsonb_each jsonb_each_text jsonb_extract_path jsonb_extract_path_text
    jsonb_insert jsonb_object jsonb_object_agg jsonb_object_keys jsonb_path_exists jsonb_path_exists_tz
    jsonb_path_match jsonb_path_match_tz jsonb_path_query jsonb_path_query_array jsonb_path_query_array_tz
    jsonb_path_query_first jsonb_path_query_first_tz jsonb_path_query_tz jsonb_populate_record
    jsonb_populate_recordset jsonb_pretty jsonb_set jsonb_set_lax jsonb_strip_nulls jsonb_to_record
    jsonb_to_recordset jsonb_to_tsvector jsonb_typeof justify_days justify_hours justify_interval lag last_value
    lcm lead left length line ln log log10 lower lower_inc lower_inf lpad lseg ltrim make_date make_interval
    make_time make_timestamp make_timestamptz masklen max md5 min min_scale mod mode multirange netmask network
    normalize now npoints nth_value ntile num_nonnulls num_nulls nummultirange numnode numrange obj_description
    octet_length overlay parse_ident path pclose percent_rank percentile_cont percentile_disc pg_backend_pid
    pg_client_encoding pg_collation_for pg_column_compression pg_column_size pg_conf_load_time
    pg_describe_object pg_encoding_to_char pg_function_is_visible pg_get_constraintdef pg_get_expr
    pg_get_function_arguments pg_get_function_identity_arguments pg_get_function_result pg_get_functiondef
    pg_get_indexdef pg_get_keywords pg_get_partkeydef pg_get_ruledef pg_get_serial_sequence pg_get_triggerdef
    pg_get_userbyid pg_get_viewdef pg_has_role pg_index_column_has_property pg_index_has_property
    pg_indexam_has_property pg_is_other_temp_schema pg_my_temp_schema pg_partition_root pg_postmaster_start_time
    pg_relation_filenode pg_sequence_parameters pg_size_bytes pg_size_pretty pg_table_is_visible
    pg_timezone_names pg_type_is_visible pg_typeof phraseto_tsquery pi plainto_tsquery point polygon popen
    position pow power querytree quote_ident quote_literal quote_nullable radians radius range_agg
    range_intersect_agg range_merge rank regexp_count regexp_instr regexp_like regexp_match regexp_matches
    regexp_replace regexp_split_to_array regexp_split_to_table regexp_substr regr_avgx regr_avgy regr_count
    regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy repeat replace reverse right round row_number
    row_security_active row_to_json rpad rtrim scale set_bit set_byte set_masklen setweight sha224 sha256 sha384
    sha512 shobj_description sign sin sind sinh slope split_part sqrt statement_timestamp stddev stddev_pop
    stddev_samp string_agg string_to_array string_to_table strip strpos substr substring sum tan tand tanh
    timezone to_ascii to_char to_date to_hex to_json to_jsonb to_number to_regclass to_regcollation
    to_regnamespace to_regoper to_regoperator to_regproc to_regprocedure to_regrole to_regtype to_timestamp
    to_tsquery to_tsvector transaction_timestamp translate trim_array trim_scale trunc ts_debug ts_delete
    ts_filter ts_headline ts_lexize ts_parse ts_rank ts_rank_cd ts_token_type tsmultirange tsquery_phrase
    tsrange tstzmultirange tstzrange tsvector_to_array txid_current_if_assigned txid_current_snapshot unistr
    unnest upper upper_inc upper_inf var_pop var_samp variance version websearch_to_tsquery width width_bucket
    xml_is_well_formed xmlagg xmlcomment xpath xpath_exists
    """.split()  # noqa: SIM905  as lines to read
)
"""Immutable or stable, as the database itself says: a test asks one."""
HARMLESS = frozenset(
    """
    clock_timestamp gen_random_uuid pg_blocking_pids pg_database_size pg_indexes_size pg_is_in_recovery
    pg_partition_ancestors pg_partition_tree pg_relation_size pg_table_size pg_tablespace_size
    pg_total_relation_size random timeofday
    """.split()  # noqa: SIM905  as lines to read
)
"""Volatile, since each call may give something else; none changes or waits for anything."""
NEWER = frozenset(
    """
    any_value array_reverse array_sample array_shuffle array_sort bit_count casefold crc32 crc32c date_add
    date_subtract erf erfc gamma json_array json_arrayagg json_exists json_objectagg json_query json_scalar
    json_serialize json_value lgamma merge_action pg_basetype pg_get_acl pg_input_error_info pg_input_is_valid
    random_normal to_bin to_oct unicode_assigned unicode_version uuid_extract_timestamp uuid_extract_version
    uuidv4 uuidv7 xmlconcat xmlforest xmlparse xmlserialize xmltext
    """.split()  # noqa: SIM905  as lines to read
)
"""Of later versions, and forms of SQL that look like functions."""
EXTENSIONS = frozenset(
    """
    akeys avals binary_quantize cosine_distance daitch_mokotoff difference digest dmetaphone dmetaphone_alt
    earth_distance gen_random_bytes gen_salt hamming_distance hmac hstore_to_json hstore_to_jsonb inner_product
    jaccard_distance l1_distance l2_distance l2_normalize levenshtein levenshtein_less_equal ll_to_earth
    metaphone show_trgm similarity soundex st_area st_asewkt st_asgeojson st_astext st_aswkb st_boundary
    st_buffer st_centroid st_closestpoint st_collect st_contains st_convexhull st_coveredby st_covers st_crosses
    st_difference st_dimension st_disjoint st_distance st_distancesphere st_dwithin st_endpoint st_envelope
    st_equals st_extent st_geohash st_geometryn st_geometrytype st_geomfromgeojson st_geomfromtext
    st_intersection st_intersects st_isempty st_isvalid st_isvalidreason st_length st_makeenvelope st_makeline
    st_makepoint st_maxdistance st_npoints st_numgeometries st_overlaps st_perimeter st_point st_pointn
    st_setsrid st_simplify st_srid st_startpoint st_touches st_transform st_union st_within st_x st_xmax st_xmin
    st_y st_ymax st_ymin st_z strict_word_similarity subvector unaccent uuid_generate_v1 uuid_generate_v4
    vector_dims vector_norm word_similarity
    """.split()  # noqa: SIM905  as lines to read
)
"""Of extensions that many databases have: text search, vectors, places, hashes."""

READING = BUILT_IN | HARMLESS | NEWER | EXTENSIONS
