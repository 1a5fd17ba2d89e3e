CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

CREATE TABLE workspaces (
	id VARCHAR(64) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	created_at DATETIME NOT NULL, forget_after_days INTEGER, slack_guests_allowed BOOLEAN DEFAULT 0 NOT NULL, outsiders_allowed BOOLEAN DEFAULT 0 NOT NULL, enterprise_id VARCHAR(64) DEFAULT '' NOT NULL, 
	CONSTRAINT pk_workspaces PRIMARY KEY (id)
);

CREATE TABLE handled_slack_events (
	workspace_id VARCHAR(64) NOT NULL, 
	event_id VARCHAR(255) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_handled_slack_events PRIMARY KEY (event_id), 
	CONSTRAINT fk_handled_slack_events_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE audit_entries (
	id VARCHAR(36) NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	number INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	actor VARCHAR(100) NOT NULL, 
	action VARCHAR(64) NOT NULL, 
	subject VARCHAR(100) NOT NULL, 
	detail JSON NOT NULL, 
	previous VARCHAR(64) NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_audit_entries PRIMARY KEY (id), 
	CONSTRAINT uq_audit_entries_workspace_id_number UNIQUE (workspace_id, number), 
	CONSTRAINT fk_audit_entries_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE mcp_connections (
	id VARCHAR(36) NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	member_id VARCHAR(64) NOT NULL, 
	card VARCHAR(64) NOT NULL, 
	title VARCHAR(80) NOT NULL, 
	slug VARCHAR(40) NOT NULL, 
	spec JSON NOT NULL, 
	version INTEGER NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	trouble TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	checked_at DATETIME NOT NULL, failing_since DATETIME, retry_at DATETIME, left_out JSON DEFAULT '[]' NOT NULL, instructions TEXT, instructions_offered TEXT, leaving_since DATETIME, answers JSON DEFAULT '{}' NOT NULL, cause VARCHAR(24) DEFAULT '' NOT NULL, paused_at DATETIME, speaks JSON DEFAULT '{}' NOT NULL, wants_rights TEXT DEFAULT '' NOT NULL, sign_in_note JSON DEFAULT '{}' NOT NULL, sign_in_note_held DATETIME, nothing_beside BOOLEAN DEFAULT 0 NOT NULL, forbidden BOOLEAN DEFAULT 0 NOT NULL, outside BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_mcp_connections PRIMARY KEY (id), 
	CONSTRAINT uq_mcp_connections_workspace_id_member_id_slug UNIQUE (workspace_id, member_id, slug), 
	CONSTRAINT fk_mcp_connections_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE mcp_tools (
	workspace_id VARCHAR(64) NOT NULL, 
	connection_id VARCHAR(36) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	title VARCHAR(200) NOT NULL, 
	description TEXT NOT NULL, 
	definition JSON NOT NULL, 
	pin VARCHAR(64) NOT NULL, 
	offered JSON, 
	hinted_reading BOOLEAN NOT NULL, 
	policy VARCHAR(10) NOT NULL, 
	state VARCHAR(10) NOT NULL, offered_pin VARCHAR(64), 
	CONSTRAINT pk_mcp_tools PRIMARY KEY (connection_id, name), 
	CONSTRAINT fk_mcp_tools_connection_id_mcp_connections FOREIGN KEY(connection_id) REFERENCES mcp_connections (id) ON DELETE CASCADE, 
	CONSTRAINT fk_mcp_tools_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE secrets (
	workspace_id VARCHAR(64) NOT NULL, 
	member_id VARCHAR(64) NOT NULL, 
	owner VARCHAR(36) NOT NULL, 
	field VARCHAR(64) NOT NULL, 
	key_id VARCHAR(16) NOT NULL, 
	wrapped_key BLOB NOT NULL, 
	nonce BLOB NOT NULL, 
	ciphertext BLOB NOT NULL, store VARCHAR(16) DEFAULT 'database' NOT NULL, place VARCHAR(40) DEFAULT '' NOT NULL, bound_for VARCHAR(16) DEFAULT '' NOT NULL, 
	CONSTRAINT pk_secrets PRIMARY KEY (workspace_id, member_id, owner, field), 
	CONSTRAINT fk_secrets_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE mcp_tool_usage (
	id VARCHAR(36) NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	member_id VARCHAR(64) NOT NULL, 
	connection_id VARCHAR(36), 
	turn_id VARCHAR(36), 
	tool VARCHAR(200) NOT NULL, 
	outcome VARCHAR(20) NOT NULL, 
	milliseconds INTEGER NOT NULL, 
	at DATETIME NOT NULL, money BIGINT, agent_id VARCHAR(36) DEFAULT '' NOT NULL, left_out INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_mcp_tool_usage PRIMARY KEY (id), 
	CONSTRAINT fk_mcp_tool_usage_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE conversations (
	id VARCHAR(36) NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	member_id VARCHAR(64) NOT NULL, 
	door VARCHAR(10) NOT NULL, 
	"key" VARCHAR(255) NOT NULL, 
	place JSON NOT NULL, 
	last_seq INTEGER NOT NULL, 
	summary TEXT NOT NULL, 
	folded INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	last_at DATETIME NOT NULL, agent_id VARCHAR(36) DEFAULT '' NOT NULL, 
	CONSTRAINT pk_conversations PRIMARY KEY (id), 
	CONSTRAINT uq_conversations_workspace_id_key UNIQUE (workspace_id, "key"), 
	CONSTRAINT fk_conversations_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE messages (
	id VARCHAR(36) NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	conversation_id VARCHAR(36) NOT NULL, 
	turn_id VARCHAR(36), 
	position INTEGER NOT NULL, 
	content JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_messages PRIMARY KEY (id), 
	CONSTRAINT fk_messages_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id) ON DELETE CASCADE, 
	CONSTRAINT uq_messages_conversation_id_position UNIQUE (conversation_id, position), 
	CONSTRAINT fk_messages_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE events (
	workspace_id VARCHAR(64) NOT NULL, 
	conversation_id VARCHAR(36) NOT NULL, 
	seq INTEGER NOT NULL, 
	turn_id VARCHAR(36), 
	kind VARCHAR(12) NOT NULL, 
	body JSON NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_events PRIMARY KEY (conversation_id, seq), 
	CONSTRAINT fk_events_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id) ON DELETE CASCADE, 
	CONSTRAINT fk_events_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE turns (
	id VARCHAR(36) NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	conversation_id VARCHAR(36) NOT NULL, 
	source VARCHAR(255) NOT NULL, 
	kind VARCHAR(10) NOT NULL, 
	text TEXT NOT NULL, 
	approval_id VARCHAR(36), 
	status VARCHAR(12) NOT NULL, 
	attempts INTEGER NOT NULL, 
	lease_owner VARCHAR(64), 
	lease_until DATETIME, 
	doing JSON NOT NULL, 
	stop_asked BOOLEAN NOT NULL, 
	reserved INTEGER NOT NULL, 
	tokens INTEGER NOT NULL, 
	shown JSON NOT NULL, 
	told BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	ended_at DATETIME, remembered BOOLEAN DEFAULT 0 NOT NULL, door VARCHAR(10) DEFAULT 'slack' NOT NULL, asker VARCHAR(64) DEFAULT '' NOT NULL, behind BOOLEAN DEFAULT 0 NOT NULL, followed BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_turns PRIMARY KEY (id), 
	CONSTRAINT fk_turns_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id) ON DELETE CASCADE, 
	CONSTRAINT uq_turns_workspace_id_source UNIQUE (workspace_id, source), 
	CONSTRAINT fk_turns_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE approvals (
	id VARCHAR(36) NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	conversation_id VARCHAR(36) NOT NULL, 
	turn_id VARCHAR(36) NOT NULL, 
	member_id VARCHAR(64) NOT NULL, 
	calls JSON NOT NULL, 
	pause JSON NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	decided_by VARCHAR(64), 
	decided_at DATETIME, 
	expires_at DATETIME NOT NULL, 
	message JSON NOT NULL, 
	created_at DATETIME NOT NULL, why TEXT DEFAULT '' NOT NULL, revision INTEGER DEFAULT '0' NOT NULL, reason TEXT DEFAULT '' NOT NULL, scope VARCHAR(12) DEFAULT '' NOT NULL, reminded_at DATETIME, 
	CONSTRAINT pk_approvals PRIMARY KEY (id), 
	CONSTRAINT fk_approvals_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id) ON DELETE CASCADE, 
	CONSTRAINT fk_approvals_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE temporary_chat_links (
	id VARCHAR(36) NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	creator_id VARCHAR(64) NOT NULL, 
	title VARCHAR(120) NOT NULL, 
	purpose TEXT NOT NULL, 
	instructions TEXT NOT NULL, 
	tools JSON NOT NULL, 
	limits JSON NOT NULL, 
	token_hash BLOB NOT NULL, 
	max_sessions INTEGER NOT NULL, 
	used_sessions INTEGER NOT NULL, 
	tokens_spent INTEGER NOT NULL, 
	tokens_reserved INTEGER NOT NULL, 
	expires_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	revoked_by VARCHAR(64), 
	closed_at DATETIME, 
	created_at DATETIME NOT NULL, paused_at DATETIME, extended_at DATETIME, former_hashes JSON DEFAULT '[]' NOT NULL, starters JSON DEFAULT '[]' NOT NULL, covers JSON DEFAULT '[]' NOT NULL, frozen VARCHAR(64) DEFAULT '' NOT NULL, access VARCHAR(10) DEFAULT 'anyone' NOT NULL, passcode_hash BLOB, idle_minutes INTEGER DEFAULT '0' NOT NULL, addressee VARCHAR(254) DEFAULT '' NOT NULL, keep_hours INTEGER, language VARCHAR(8) DEFAULT '' NOT NULL, money_spent BIGINT DEFAULT '0' NOT NULL, money_reserved BIGINT DEFAULT '0' NOT NULL, unpriced VARCHAR(80) DEFAULT '' NOT NULL, count_channel VARCHAR(64) DEFAULT '' NOT NULL, count_ts VARCHAR(32) DEFAULT '' NOT NULL, count_drawn VARCHAR(64) DEFAULT '' NOT NULL, follow_channel VARCHAR(64) DEFAULT '' NOT NULL, follow_lost_at DATETIME, agent JSON DEFAULT '{}' NOT NULL, 
	CONSTRAINT pk_temporary_chat_links PRIMARY KEY (id), 
	CONSTRAINT uq_temporary_chat_links_token_hash UNIQUE (token_hash), 
	CONSTRAINT fk_temporary_chat_links_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE temporary_chat_sessions (
	id VARCHAR(36) NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	link_id VARCHAR(36) NOT NULL, 
	conversation_id VARCHAR(36) NOT NULL, 
	idem_hash BLOB NOT NULL, 
	secret_hash BLOB NOT NULL, 
	guest_name VARCHAR(80) NOT NULL, 
	consent JSON NOT NULL, 
	messages INTEGER NOT NULL, 
	started_at DATETIME NOT NULL, 
	last_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	end_reason VARCHAR(20) NOT NULL, host_state VARCHAR(10) DEFAULT '' NOT NULL, host_since DATETIME, known_seq INTEGER DEFAULT '0' NOT NULL, thread_channel VARCHAR(64) DEFAULT '' NOT NULL, thread_ts VARCHAR(32) DEFAULT '' NOT NULL, mirrored_seq INTEGER DEFAULT '0' NOT NULL, paused_seq INTEGER DEFAULT '0' NOT NULL, former_secret_hash BLOB, erase_asked_by VARCHAR(10) DEFAULT '' NOT NULL, erased_at DATETIME, language VARCHAR(8) DEFAULT '' NOT NULL, former_channel VARCHAR(64) DEFAULT '' NOT NULL, former_ts VARCHAR(32) DEFAULT '' NOT NULL, mirror_upto INTEGER DEFAULT '0' NOT NULL, mirror_held_until DATETIME, 
	CONSTRAINT pk_temporary_chat_sessions PRIMARY KEY (id), 
	CONSTRAINT fk_temporary_chat_sessions_link_id_temporary_chat_links FOREIGN KEY(link_id) REFERENCES temporary_chat_links (id) ON DELETE CASCADE, 
	CONSTRAINT uq_temporary_chat_sessions_link_id_idem_hash UNIQUE (link_id, idem_hash), 
	CONSTRAINT uq_temporary_chat_sessions_secret_hash UNIQUE (secret_hash), 
	CONSTRAINT fk_temporary_chat_sessions_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE rate_limits (
	"key" VARCHAR(64) NOT NULL, 
	rests_at BIGINT NOT NULL, 
	CONSTRAINT pk_rate_limits PRIMARY KEY ("key")
);

CREATE TABLE scheduled_jobs (
	id VARCHAR(36) NOT NULL, 
	workspace_id VARCHAR(64), 
	kind VARCHAR(64) NOT NULL, 
	once VARCHAR(255) NOT NULL, 
	payload JSON NOT NULL, 
	every INTEGER, 
	due_at DATETIME NOT NULL, 
	lease_until DATETIME, 
	attempts INTEGER NOT NULL, 
	CONSTRAINT pk_scheduled_jobs PRIMARY KEY (id), 
	CONSTRAINT fk_scheduled_jobs_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE, 
	CONSTRAINT uq_scheduled_jobs_once UNIQUE (once)
);

CREATE TABLE tickets (
	id VARCHAR(36) NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	member_id VARCHAR(64) NOT NULL, 
	purpose VARCHAR(20) NOT NULL, 
	hash BLOB NOT NULL, 
	payload JSON NOT NULL, 
	tries INTEGER NOT NULL, 
	expires_at DATETIME NOT NULL, 
	used_at DATETIME, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_tickets PRIMARY KEY (id), 
	CONSTRAINT uq_tickets_hash UNIQUE (hash), 
	CONSTRAINT fk_tickets_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE secret_places (
	store VARCHAR(16) NOT NULL, 
	place VARCHAR(40) NOT NULL, 
	since DATETIME NOT NULL, 
	leaving BOOLEAN NOT NULL, 
	CONSTRAINT pk_secret_places PRIMARY KEY (store, place)
);

CREATE TABLE oauth_flows (
	id VARCHAR(36) NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	member_id VARCHAR(64) NOT NULL, 
	state_hash BLOB NOT NULL, 
	browser_hash BLOB NOT NULL, 
	key_id VARCHAR(16) NOT NULL, 
	wrapped_key BLOB NOT NULL, 
	nonce BLOB NOT NULL, 
	ciphertext BLOB NOT NULL, 
	expires_at DATETIME NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_oauth_flows PRIMARY KEY (id), 
	CONSTRAINT uq_oauth_flows_state_hash UNIQUE (state_hash), 
	CONSTRAINT fk_oauth_flows_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE oauth_leases (
	workspace_id VARCHAR(64) NOT NULL, 
	connection_id VARCHAR(36) NOT NULL, 
	holder VARCHAR(36) NOT NULL, 
	until DATETIME NOT NULL, 
	CONSTRAINT pk_oauth_leases PRIMARY KEY (connection_id), 
	CONSTRAINT fk_oauth_leases_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE mcp_run_cards (
	id VARCHAR(36) NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	title VARCHAR(24) NOT NULL, 
	about VARCHAR(150) NOT NULL, 
	url TEXT NOT NULL, 
	signs_in VARCHAR(8) NOT NULL, 
	header VARCHAR(64) NOT NULL, 
	icon VARCHAR(40) NOT NULL, 
	reads JSON NOT NULL, 
	questions JSON NOT NULL, 
	audience JSON NOT NULL, 
	version INTEGER NOT NULL, 
	created_by VARCHAR(64) NOT NULL, 
	created_at DATETIME NOT NULL, 
	changed_at DATETIME NOT NULL, spec JSON, pin VARCHAR(64), seconds INTEGER, 
	CONSTRAINT pk_mcp_run_cards PRIMARY KEY (id), 
	CONSTRAINT fk_mcp_run_cards_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE turn_files (
	id VARCHAR(36) NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	turn_id VARCHAR(36) NOT NULL, 
	call VARCHAR(64) NOT NULL, 
	title TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	mime TEXT NOT NULL, 
	content BLOB NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_turn_files PRIMARY KEY (id), 
	CONSTRAINT fk_turn_files_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE, 
	CONSTRAINT fk_turn_files_turn_id_turns FOREIGN KEY(turn_id) REFERENCES turns (id) ON DELETE CASCADE
);

CREATE TABLE "elicitations" (
	id VARCHAR(36) NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	conversation_id VARCHAR(36), 
	turn_id VARCHAR(36), 
	attempt INTEGER NOT NULL, 
	member_id VARCHAR(64) NOT NULL, 
	connection_id VARCHAR(36) NOT NULL, 
	server VARCHAR(80) NOT NULL, 
	tool VARCHAR(200) NOT NULL, 
	text TEXT NOT NULL, 
	form JSON NOT NULL, 
	url TEXT NOT NULL, 
	number TEXT NOT NULL, 
	state VARCHAR(12) NOT NULL, 
	answer JSON, 
	message JSON NOT NULL, 
	expires_at DATETIME NOT NULL, 
	decided_at DATETIME, 
	created_at DATETIME NOT NULL, 
	hold_seconds DOUBLE DEFAULT '0' NOT NULL, 
	held_until DATETIME, 
	CONSTRAINT pk_elicitations PRIMARY KEY (id), 
	CONSTRAINT fk_elicitations_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id) ON DELETE CASCADE, 
	CONSTRAINT fk_elicitations_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE temporary_chat_drafts (
	id VARCHAR(36) NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	member_id VARCHAR(64) NOT NULL, 
	chosen JSON NOT NULL, 
	frozen VARCHAR(64) NOT NULL, 
	made_at DATETIME NOT NULL, 
	CONSTRAINT pk_temporary_chat_drafts PRIMARY KEY (id), 
	CONSTRAINT fk_temporary_chat_drafts_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE temporary_chat_codes (
	id VARCHAR(36) NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	link_id VARCHAR(36) NOT NULL, 
	holder BLOB NOT NULL, 
	code_hash BLOB NOT NULL, 
	tries INTEGER NOT NULL, 
	expires_at DATETIME NOT NULL, 
	spent_by BLOB, session_id VARCHAR(36) DEFAULT '' NOT NULL, 
	CONSTRAINT pk_temporary_chat_codes PRIMARY KEY (id), 
	CONSTRAINT fk_temporary_chat_codes_link_id_temporary_chat_links FOREIGN KEY(link_id) REFERENCES temporary_chat_links (id) ON DELETE CASCADE, 
	CONSTRAINT fk_temporary_chat_codes_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE, 
	CONSTRAINT uq_temporary_chat_codes_holder UNIQUE (holder)
);

CREATE TABLE temporary_chat_results (
	session_id VARCHAR(36) NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	link_id VARCHAR(36) NOT NULL, 
	answers JSON NOT NULL, 
	complete_at DATETIME, 
	summary TEXT NOT NULL, 
	message_ts VARCHAR(32) NOT NULL, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_temporary_chat_results PRIMARY KEY (session_id), 
	CONSTRAINT fk_temporary_chat_results_session_id_temporary_chat_sessions FOREIGN KEY(session_id) REFERENCES temporary_chat_sessions (id) ON DELETE CASCADE, 
	CONSTRAINT fk_temporary_chat_results_link_id_temporary_chat_links FOREIGN KEY(link_id) REFERENCES temporary_chat_links (id) ON DELETE CASCADE, 
	CONSTRAINT fk_temporary_chat_results_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE temporary_chat_openings (
	link_id VARCHAR(36) NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	people INTEGER NOT NULL, 
	machines INTEGER NOT NULL, 
	last_at DATETIME NOT NULL, 
	CONSTRAINT pk_temporary_chat_openings PRIMARY KEY (link_id), 
	CONSTRAINT fk_temporary_chat_openings_link_id_temporary_chat_links FOREIGN KEY(link_id) REFERENCES temporary_chat_links (id) ON DELETE CASCADE, 
	CONSTRAINT fk_temporary_chat_openings_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE security_events (
	id VARCHAR(36) NOT NULL, 
	workspace_id VARCHAR(64), 
	link_id VARCHAR(36), 
	kind VARCHAR(20) NOT NULL, 
	network VARCHAR(43) NOT NULL, 
	who VARCHAR(64) NOT NULL, 
	count INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_security_events PRIMARY KEY (id), 
	CONSTRAINT fk_security_events_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE budgets (
	workspace_id VARCHAR(64) NOT NULL, 
	"key" VARCHAR(120) NOT NULL, 
	tokens_spent BIGINT NOT NULL, 
	tokens_reserved BIGINT NOT NULL, 
	money_spent BIGINT NOT NULL, 
	money_reserved BIGINT NOT NULL, 
	kept_until DATETIME NOT NULL, 
	CONSTRAINT pk_budgets PRIMARY KEY (workspace_id, "key"), 
	CONSTRAINT fk_budgets_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE budget_reservations (
	id VARCHAR(80) NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	link_id VARCHAR(36) NOT NULL, 
	keys JSON NOT NULL, 
	tokens BIGINT NOT NULL, 
	money BIGINT NOT NULL, 
	made_at DATETIME NOT NULL, member_id VARCHAR(64) DEFAULT '' NOT NULL, conversation_id VARCHAR(36) DEFAULT '' NOT NULL, turn_id VARCHAR(36) DEFAULT '' NOT NULL, purpose VARCHAR(10) DEFAULT 'answer' NOT NULL, 
	CONSTRAINT pk_budget_reservations PRIMARY KEY (id), 
	CONSTRAINT fk_budget_reservations_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE guest_files (
	id VARCHAR(36) NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	session_id VARCHAR(36) NOT NULL, 
	turn_id VARCHAR(36) DEFAULT '' NOT NULL, 
	name TEXT NOT NULL, 
	kind VARCHAR(10) NOT NULL, 
	mime VARCHAR(40) NOT NULL, 
	size INTEGER NOT NULL, 
	tokens INTEGER NOT NULL, 
	width INTEGER NOT NULL, 
	height INTEGER NOT NULL, 
	content BLOB NOT NULL, 
	relayed BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_guest_files PRIMARY KEY (id), 
	CONSTRAINT fk_guest_files_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE, 
	CONSTRAINT fk_guest_files_session_id_temporary_chat_sessions FOREIGN KEY(session_id) REFERENCES temporary_chat_sessions (id) ON DELETE CASCADE
);

CREATE TABLE audit_tallies (
	workspace_id VARCHAR(64) NOT NULL, 
	link_id VARCHAR(36) NOT NULL, 
	action VARCHAR(40) NOT NULL, 
	reason VARCHAR(80) NOT NULL, 
	hour DATETIME NOT NULL, 
	network VARCHAR(43) NOT NULL, 
	pending INTEGER NOT NULL, 
	written INTEGER NOT NULL, 
	CONSTRAINT pk_audit_tallies PRIMARY KEY (workspace_id, link_id, action, reason, hour), 
	CONSTRAINT fk_audit_tallies_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE memories (
	number INTEGER NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	member_id VARCHAR(64) NOT NULL, 
	conversation_id VARCHAR(36) NOT NULL, 
	kind VARCHAR(8) NOT NULL, 
	source VARCHAR(200) NOT NULL, 
	about VARCHAR(200) NOT NULL, 
	at DATETIME NOT NULL, 
	text TEXT NOT NULL, 
	who VARCHAR(32) NOT NULL, 
	words TEXT NOT NULL, 
	digest BLOB NOT NULL, 
	due_at DATETIME, 
	tries INTEGER NOT NULL, 
	CONSTRAINT pk_memories PRIMARY KEY (number), 
	CONSTRAINT fk_memories_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE, 
	CONSTRAINT fk_memories_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id) ON DELETE CASCADE, 
	CONSTRAINT uq_memories_workspace_id_member_id_digest UNIQUE (workspace_id, member_id, digest)
);

CREATE TABLE memory_signs (
	who VARCHAR(32) NOT NULL, 
	model VARCHAR(80) NOT NULL, 
	number INTEGER NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	signs BLOB NOT NULL, 
	CONSTRAINT pk_memory_signs PRIMARY KEY (who, model, number), 
	CONSTRAINT fk_memory_signs_number_memories FOREIGN KEY(number) REFERENCES memories (number) ON DELETE CASCADE, 
	CONSTRAINT fk_memory_signs_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE memory_vectors (
	number INTEGER NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	halves BLOB NOT NULL, 
	CONSTRAINT pk_memory_vectors PRIMARY KEY (number), 
	CONSTRAINT fk_memory_vectors_number_memories FOREIGN KEY(number) REFERENCES memories (number) ON DELETE CASCADE, 
	CONSTRAINT fk_memory_vectors_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE VIRTUAL TABLE search_memories USING fts5(who, words, content='memories', content_rowid='number', tokenize='unicode61 remove_diacritics 0', detail=column);

CREATE TABLE notes (
	id VARCHAR(36) NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	member_id VARCHAR(64) NOT NULL, 
	text VARCHAR(200) NOT NULL, 
	turn_id VARCHAR(36), 
	since DATETIME NOT NULL, 
	CONSTRAINT pk_notes PRIMARY KEY (id), 
	CONSTRAINT fk_notes_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE spending_limits (
	workspace_id VARCHAR(64) NOT NULL, 
	whose VARCHAR(64) NOT NULL, 
	money BIGINT, 
	asks_from BIGINT, 
	CONSTRAINT pk_spending_limits PRIMARY KEY (workspace_id, whose), 
	CONSTRAINT fk_spending_limits_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE model_usage (
	id VARCHAR(80) NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	member_id VARCHAR(64) NOT NULL, 
	link_id VARCHAR(36) NOT NULL, 
	conversation_id VARCHAR(36) NOT NULL, 
	turn_id VARCHAR(36) NOT NULL, 
	purpose VARCHAR(10) NOT NULL, 
	model VARCHAR(80) NOT NULL, 
	prompt BIGINT NOT NULL, 
	cached BIGINT NOT NULL, 
	output BIGINT NOT NULL, 
	thoughts BIGINT NOT NULL, 
	money BIGINT, 
	saved BIGINT NOT NULL, 
	measured BOOLEAN NOT NULL, 
	at DATETIME NOT NULL, brought JSON, 
	CONSTRAINT pk_model_usage PRIMARY KEY (id), 
	CONSTRAINT fk_model_usage_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE mcp_allowed_calls (
	id VARCHAR(36) NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	member_id VARCHAR(64) NOT NULL, 
	connection_id VARCHAR(36) NOT NULL, 
	tool VARCHAR(200) NOT NULL, 
	pin VARCHAR(64) NOT NULL, 
	conversation_id VARCHAR(36), 
	arguments JSON NOT NULL, 
	approval_id VARCHAR(36), 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_mcp_allowed_calls PRIMARY KEY (id), 
	CONSTRAINT fk_mcp_allowed_calls_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE, 
	CONSTRAINT fk_mcp_allowed_calls_connection_id_mcp_connections FOREIGN KEY(connection_id) REFERENCES mcp_connections (id) ON DELETE CASCADE, 
	CONSTRAINT fk_mcp_allowed_calls_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id) ON DELETE CASCADE
);

CREATE TABLE shown_in_channels (
	workspace_id VARCHAR(64) NOT NULL, 
	member_id VARCHAR(64) NOT NULL, 
	channel VARCHAR(64) NOT NULL, 
	connection_id VARCHAR(36) NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_shown_in_channels PRIMARY KEY (connection_id, channel), 
	CONSTRAINT fk_shown_in_channels_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE, 
	CONSTRAINT fk_shown_in_channels_connection_id_mcp_connections FOREIGN KEY(connection_id) REFERENCES mcp_connections (id) ON DELETE CASCADE
);

CREATE TABLE reminders (
	id VARCHAR(36) NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	member_id VARCHAR(64) NOT NULL, 
	text TEXT NOT NULL, 
	place JSON NOT NULL, 
	due_at DATETIME NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_reminders PRIMARY KEY (id), 
	CONSTRAINT fk_reminders_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE turn_ratings (
	workspace_id VARCHAR(64) NOT NULL, 
	turn_id VARCHAR(36) NOT NULL, 
	member_id VARCHAR(64) NOT NULL, 
	helped BOOLEAN NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_turn_ratings PRIMARY KEY (turn_id, member_id), 
	CONSTRAINT fk_turn_ratings_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE, 
	CONSTRAINT fk_turn_ratings_turn_id_turns FOREIGN KEY(turn_id) REFERENCES turns (id) ON DELETE CASCADE
);

CREATE TABLE member_files (
	id VARCHAR(36) NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	conversation_id VARCHAR(36) NOT NULL, 
	size INTEGER NOT NULL, 
	content BLOB NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_member_files PRIMARY KEY (id), 
	CONSTRAINT fk_member_files_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE, 
	CONSTRAINT fk_member_files_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id) ON DELETE CASCADE
);

CREATE TABLE audit_records (
	workspace_id VARCHAR(64) NOT NULL, 
	number BIGINT NOT NULL, 
	at DATETIME NOT NULL, 
	actor VARCHAR(100) NOT NULL, 
	action VARCHAR(64) NOT NULL, 
	subject VARCHAR(100) NOT NULL, 
	outcome VARCHAR(16) NOT NULL, 
	body TEXT NOT NULL, 
	mac VARCHAR(64) NOT NULL, 
	key_id VARCHAR(16) NOT NULL, 
	CONSTRAINT pk_audit_records PRIMARY KEY (workspace_id, number), 
	CONSTRAINT fk_audit_records_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE audit_heads (
	workspace_id VARCHAR(64) NOT NULL, 
	number BIGINT NOT NULL, 
	mac VARCHAR(64) NOT NULL, 
	key_id VARCHAR(16) NOT NULL, 
	CONSTRAINT pk_audit_heads PRIMARY KEY (workspace_id), 
	CONSTRAINT fk_audit_heads_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE agents (
	workspace_id VARCHAR(64) NOT NULL, 
	id VARCHAR(36) NOT NULL, 
	name VARCHAR(40) NOT NULL, 
	called VARCHAR(80) NOT NULL, 
	picture VARCHAR(80) NOT NULL, 
	instructions TEXT NOT NULL, 
	scope VARCHAR(12) NOT NULL, 
	tools JSON NOT NULL, 
	cards JSON NOT NULL, 
	asks_first BOOLEAN NOT NULL, 
	used VARCHAR(10) NOT NULL, 
	is_default BOOLEAN NOT NULL, 
	made_by VARCHAR(64) NOT NULL, 
	created_at DATETIME NOT NULL, 
	archived_at DATETIME, 
	CONSTRAINT pk_agents PRIMARY KEY (workspace_id, id), 
	CONSTRAINT uq_agents_workspace_id_called UNIQUE (workspace_id, called), 
	CONSTRAINT fk_agents_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE agent_channels (
	workspace_id VARCHAR(64) NOT NULL, 
	channel VARCHAR(64) NOT NULL, 
	agent_id VARCHAR(36) NOT NULL, 
	CONSTRAINT pk_agent_channels PRIMARY KEY (workspace_id, channel), 
	CONSTRAINT fk_agent_channels_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE, 
	CONSTRAINT fk_agent_channels_workspace_id_agents FOREIGN KEY(workspace_id, agent_id) REFERENCES agents (workspace_id, id) ON DELETE CASCADE
);

CREATE TABLE agent_mcp_server_access (
	workspace_id VARCHAR(64) NOT NULL, 
	agent_id VARCHAR(36) NOT NULL, 
	target_id VARCHAR(36) NOT NULL, 
	scope VARCHAR(12) NOT NULL, 
	tools JSON NOT NULL, 
	granted_by VARCHAR(64) NOT NULL, 
	granted_at DATETIME NOT NULL, 
	expires_at DATETIME, 
	CONSTRAINT pk_agent_mcp_server_access PRIMARY KEY (workspace_id, agent_id, target_id), 
	CONSTRAINT fk_agent_mcp_server_access_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE, 
	CONSTRAINT fk_agent_mcp_server_access_workspace_id_agents FOREIGN KEY(workspace_id, agent_id) REFERENCES agents (workspace_id, id) ON DELETE CASCADE, 
	CONSTRAINT fk_agent_mcp_server_access_target_id_mcp_connections FOREIGN KEY(target_id) REFERENCES mcp_connections (id) ON DELETE CASCADE
);

CREATE TABLE installations (
	workspace_id VARCHAR(64) NOT NULL, 
	org_wide BOOLEAN NOT NULL, 
	enterprise_id VARCHAR(64) NOT NULL, 
	bot_user_id VARCHAR(64) NOT NULL, 
	bot_id VARCHAR(64) NOT NULL, 
	scopes TEXT NOT NULL, 
	installed_by VARCHAR(64) NOT NULL, 
	installed_at DATETIME NOT NULL, 
	generation INTEGER NOT NULL, 
	expires_at DATETIME, 
	rotating_until DATETIME, 
	looked_at DATETIME NOT NULL, 
	CONSTRAINT pk_installations PRIMARY KEY (workspace_id), 
	CONSTRAINT fk_installations_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE forgotten_workspaces (
	id VARCHAR(64) NOT NULL, 
	forgotten_at DATETIME NOT NULL, 
	CONSTRAINT pk_forgotten_workspaces PRIMARY KEY (id)
);

CREATE TABLE access_tokens (
	id VARCHAR(36) NOT NULL, 
	workspace_id VARCHAR(64) NOT NULL, 
	member_id VARCHAR(64) NOT NULL, 
	kind VARCHAR(4) NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	hash BLOB NOT NULL, 
	tail VARCHAR(4) NOT NULL, 
	scopes JSON NOT NULL, 
	expires_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	used_at DATETIME, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_access_tokens PRIMARY KEY (id), 
	CONSTRAINT uq_access_tokens_hash UNIQUE (hash), 
	CONSTRAINT fk_access_tokens_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE api_requests (
	workspace_id VARCHAR(64) NOT NULL, 
	token_id VARCHAR(36) NOT NULL, 
	"key" VARCHAR(128) NOT NULL, 
	digest BLOB NOT NULL, 
	status INTEGER, 
	answer BLOB, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_api_requests PRIMARY KEY (token_id, "key"), 
	CONSTRAINT fk_api_requests_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE, 
	CONSTRAINT fk_api_requests_token_id_access_tokens FOREIGN KEY(token_id) REFERENCES access_tokens (id) ON DELETE CASCADE
);

CREATE TABLE home_places (
	workspace_id VARCHAR(64) NOT NULL, 
	member_id VARCHAR(64) NOT NULL, 
	tab VARCHAR(20) NOT NULL, 
	page INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_home_places PRIMARY KEY (workspace_id, member_id), 
	CONSTRAINT fk_home_places_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE policies (
	workspace_id VARCHAR(64) NOT NULL, 
	name VARCHAR(20) NOT NULL, 
	chosen JSON NOT NULL, 
	set_by VARCHAR(64) NOT NULL, 
	set_at DATETIME NOT NULL, 
	CONSTRAINT pk_policies PRIMARY KEY (workspace_id, name), 
	CONSTRAINT fk_policies_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE outside_rules (
	workspace_id VARCHAR(64) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	rule VARCHAR(20) NOT NULL, 
	channels JSON NOT NULL, 
	set_by VARCHAR(64) NOT NULL, 
	set_at DATETIME NOT NULL, 
	CONSTRAINT pk_outside_rules PRIMARY KEY (workspace_id, kind), 
	CONSTRAINT fk_outside_rules_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE outside_people (
	workspace_id VARCHAR(64) NOT NULL, 
	member_id VARCHAR(64) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	home VARCHAR(64) NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	asked_at DATETIME, 
	expires_at DATETIME, 
	decided_by VARCHAR(64) NOT NULL, 
	decided_at DATETIME, 
	question JSON NOT NULL, 
	told JSON NOT NULL, 
	CONSTRAINT pk_outside_people PRIMARY KEY (workspace_id, member_id), 
	CONSTRAINT fk_outside_people_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE usage_days (
	workspace_id VARCHAR(64) NOT NULL, 
	kind VARCHAR(10) NOT NULL, 
	day DATE NOT NULL, 
	"key" VARCHAR(80) NOT NULL, 
	tool VARCHAR(200) NOT NULL, 
	done BIGINT NOT NULL, 
	failed BIGINT NOT NULL, 
	refused BIGINT NOT NULL, 
	milliseconds BIGINT NOT NULL, 
	cost BIGINT NOT NULL, 
	left_out BIGINT NOT NULL, 
	brought BIGINT NOT NULL, 
	requests BIGINT NOT NULL, 
	prompt BIGINT NOT NULL, 
	cached BIGINT NOT NULL, 
	output BIGINT NOT NULL, 
	thoughts BIGINT NOT NULL, 
	money BIGINT NOT NULL, 
	saved BIGINT NOT NULL, 
	priced BIGINT NOT NULL, 
	measured BIGINT NOT NULL, 
	turns BIGINT NOT NULL, 
	last DATETIME, 
	CONSTRAINT pk_usage_days PRIMARY KEY (workspace_id, kind, day, "key", tool), 
	CONSTRAINT fk_usage_days_workspace_id_workspaces FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE INDEX ix_access_tokens_member ON access_tokens (workspace_id, member_id, kind);

CREATE INDEX ix_access_tokens_workspace_id ON access_tokens (workspace_id);

CREATE INDEX ix_agent_channels_agent ON agent_channels (workspace_id, agent_id);

CREATE INDEX ix_agent_mcp_server_access_target_id ON agent_mcp_server_access (target_id);

CREATE INDEX ix_api_requests_at ON api_requests (at);

CREATE INDEX ix_api_requests_workspace_id ON api_requests (workspace_id);

CREATE INDEX ix_approvals_due ON approvals (expires_at) WHERE state = 'asked';

CREATE INDEX ix_approvals_member ON approvals (workspace_id, member_id, created_at);

CREATE INDEX ix_approvals_waiting ON approvals (conversation_id, state);

CREATE INDEX ix_approvals_workspace_id ON approvals (workspace_id);

CREATE INDEX ix_audit_entries_workspace_id ON audit_entries (workspace_id);

CREATE INDEX ix_audit_records_action ON audit_records (workspace_id, action, number);

CREATE INDEX ix_audit_records_actor ON audit_records (workspace_id, actor, number);

CREATE INDEX ix_audit_records_at ON audit_records (workspace_id, at);

CREATE INDEX ix_audit_records_outcome ON audit_records (workspace_id, outcome, number);

CREATE INDEX ix_audit_records_subject ON audit_records (workspace_id, subject, number);

CREATE INDEX ix_audit_tallies_hour ON audit_tallies (hour);

CREATE INDEX ix_budget_reservations_made_at ON budget_reservations (made_at);

CREATE INDEX ix_budget_reservations_workspace_id ON budget_reservations (workspace_id);

CREATE INDEX ix_budgets_kept_until ON budgets (kept_until);

CREATE INDEX ix_conversations_silent ON conversations (workspace_id, last_at) WHERE door = 'slack';

CREATE INDEX ix_conversations_workspace_id ON conversations (workspace_id);

CREATE INDEX ix_elicitations_conversation_id ON elicitations (conversation_id);

CREATE INDEX ix_elicitations_created_at ON elicitations (created_at);

CREATE INDEX ix_elicitations_open ON elicitations (expires_at) WHERE state IN ('asked', 'opened');

CREATE INDEX ix_elicitations_turn_id ON elicitations (turn_id);

CREATE INDEX ix_elicitations_workspace_id ON elicitations (workspace_id);

CREATE INDEX ix_events_turn ON events (turn_id);

CREATE INDEX ix_events_workspace_id ON events (workspace_id);

CREATE INDEX ix_guest_files_created_at ON guest_files (created_at);

CREATE INDEX ix_guest_files_session_id ON guest_files (session_id);

CREATE INDEX ix_guest_files_workspace_id ON guest_files (workspace_id);

CREATE INDEX ix_handled_slack_events_at ON handled_slack_events (at);

CREATE INDEX ix_handled_slack_events_workspace_id ON handled_slack_events (workspace_id);

CREATE INDEX ix_mcp_allowed_calls_connection_id ON mcp_allowed_calls (connection_id);

CREATE INDEX ix_mcp_allowed_calls_conversation_id ON mcp_allowed_calls (conversation_id);

CREATE INDEX ix_mcp_allowed_calls_workspace_id ON mcp_allowed_calls (workspace_id);

CREATE INDEX ix_mcp_connections_workspace_id ON mcp_connections (workspace_id);

CREATE INDEX ix_mcp_run_cards_workspace_id ON mcp_run_cards (workspace_id);

CREATE INDEX ix_mcp_tool_usage_at ON mcp_tool_usage (workspace_id, at);

CREATE INDEX ix_mcp_tool_usage_connection ON mcp_tool_usage (connection_id, at);

CREATE INDEX ix_mcp_tool_usage_member ON mcp_tool_usage (workspace_id, member_id, at);

CREATE INDEX ix_mcp_tool_usage_turn ON mcp_tool_usage (turn_id);

CREATE INDEX ix_mcp_tool_usage_workspace_id ON mcp_tool_usage (workspace_id);

CREATE INDEX ix_mcp_tools_workspace_id ON mcp_tools (workspace_id);

CREATE INDEX ix_member_files_conversation_id ON member_files (conversation_id);

CREATE INDEX ix_member_files_created_at ON member_files (created_at);

CREATE INDEX ix_member_files_workspace_id ON member_files (workspace_id);

CREATE INDEX ix_memories_conversation_id ON memories (conversation_id);

CREATE INDEX ix_memories_due ON memories (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX ix_memories_who_at ON memories (who, at);

CREATE INDEX ix_memories_workspace_id ON memories (workspace_id);

CREATE INDEX ix_memory_signs_number ON memory_signs (number);

CREATE INDEX ix_memory_signs_workspace_id ON memory_signs (workspace_id);

CREATE INDEX ix_memory_vectors_workspace_id ON memory_vectors (workspace_id);

CREATE INDEX ix_messages_workspace_id ON messages (workspace_id);

CREATE INDEX ix_model_usage_at ON model_usage (at);

CREATE INDEX ix_model_usage_member ON model_usage (workspace_id, member_id, at);

CREATE INDEX ix_model_usage_turn ON model_usage (turn_id);

CREATE INDEX ix_model_usage_workspace ON model_usage (workspace_id, at);

CREATE INDEX ix_notes_member ON notes (workspace_id, member_id);

CREATE INDEX ix_notes_workspace_id ON notes (workspace_id);

CREATE INDEX ix_oauth_flows_expires_at ON oauth_flows (expires_at);

CREATE INDEX ix_oauth_flows_workspace_id ON oauth_flows (workspace_id);

CREATE INDEX ix_oauth_leases_workspace_id ON oauth_leases (workspace_id);

CREATE INDEX ix_outside_people_state ON outside_people (workspace_id, state, decided_at);

CREATE INDEX ix_rate_limits_rests_at ON rate_limits (rests_at);

CREATE INDEX ix_reminders_due_at ON reminders (due_at);

CREATE INDEX ix_reminders_member ON reminders (workspace_id, member_id, state);

CREATE INDEX ix_reminders_workspace_id ON reminders (workspace_id);

CREATE INDEX ix_scheduled_jobs_due ON scheduled_jobs (due_at);

CREATE INDEX ix_scheduled_jobs_workspace_id ON scheduled_jobs (workspace_id);

CREATE INDEX ix_secret_places_since ON secret_places (since);

CREATE INDEX ix_secrets_bound ON secrets (bound_for) WHERE bound_for <> '';

CREATE INDEX ix_secrets_key_id ON secrets (key_id);

CREATE INDEX ix_secrets_place ON secrets (place) WHERE place <> '';

CREATE INDEX ix_security_events_at ON security_events (at);

CREATE INDEX ix_security_events_kind ON security_events (kind, at);

CREATE INDEX ix_security_events_workspace_id ON security_events (workspace_id);

CREATE INDEX ix_shown_in_channels_workspace_id ON shown_in_channels (workspace_id);

CREATE INDEX ix_temporary_chat_codes_code_hash ON temporary_chat_codes (code_hash);

CREATE INDEX ix_temporary_chat_codes_expires_at ON temporary_chat_codes (expires_at);

CREATE INDEX ix_temporary_chat_codes_link_id ON temporary_chat_codes (link_id);

CREATE INDEX ix_temporary_chat_codes_workspace_id ON temporary_chat_codes (workspace_id);

CREATE INDEX ix_temporary_chat_drafts_made_at ON temporary_chat_drafts (made_at);

CREATE INDEX ix_temporary_chat_drafts_workspace_id ON temporary_chat_drafts (workspace_id);

CREATE INDEX ix_temporary_chat_links_closed ON temporary_chat_links (workspace_id, closed_at) WHERE closed_at IS NOT NULL;

CREATE INDEX ix_temporary_chat_links_creator ON temporary_chat_links (workspace_id, creator_id);

CREATE INDEX ix_temporary_chat_links_open ON temporary_chat_links (expires_at) WHERE closed_at IS NULL;

CREATE INDEX ix_temporary_chat_links_workspace_id ON temporary_chat_links (workspace_id);

CREATE INDEX ix_temporary_chat_openings_workspace_id ON temporary_chat_openings (workspace_id);

CREATE INDEX ix_temporary_chat_results_link_id ON temporary_chat_results (link_id);

CREATE INDEX ix_temporary_chat_results_workspace_id ON temporary_chat_results (workspace_id);

CREATE INDEX ix_temporary_chat_sessions_asked ON temporary_chat_sessions (host_since) WHERE host_state = 'asked';

CREATE INDEX ix_temporary_chat_sessions_erasing ON temporary_chat_sessions (last_at) WHERE erase_asked_by <> '' AND erased_at IS NULL;

CREATE INDEX ix_temporary_chat_sessions_former_secret_hash ON temporary_chat_sessions (former_secret_hash);

CREATE INDEX ix_temporary_chat_sessions_kept ON temporary_chat_sessions (workspace_id, ended_at) WHERE erase_asked_by = '';

CREATE INDEX ix_temporary_chat_sessions_link_id ON temporary_chat_sessions (link_id);

CREATE INDEX ix_temporary_chat_sessions_open ON temporary_chat_sessions (last_at) WHERE ended_at IS NULL;

CREATE INDEX ix_temporary_chat_sessions_thread ON temporary_chat_sessions (workspace_id, thread_channel, thread_ts) WHERE thread_ts <> '';

CREATE INDEX ix_temporary_chat_sessions_workspace_id ON temporary_chat_sessions (workspace_id);

CREATE INDEX ix_tickets_expires_at ON tickets (expires_at);

CREATE INDEX ix_tickets_workspace_id ON tickets (workspace_id);

CREATE INDEX ix_turn_files_turn_id ON turn_files (turn_id);

CREATE INDEX ix_turn_files_workspace_id ON turn_files (workspace_id);

CREATE INDEX ix_turn_ratings_at ON turn_ratings (workspace_id, at);

CREATE INDEX ix_turns_conversation ON turns (conversation_id, status);

CREATE INDEX ix_turns_paused ON turns (ended_at) WHERE status = 'paused';

CREATE INDEX ix_turns_unremembered ON turns (ended_at) WHERE remembered = 0;

CREATE INDEX ix_turns_untold ON turns (ended_at) WHERE told = 0;

CREATE INDEX ix_turns_waiting ON turns (door, behind, workspace_id, asker, created_at, id) WHERE status = 'queued';

CREATE INDEX ix_turns_workspace_id ON turns (workspace_id);

CREATE UNIQUE INDEX uq_agents_default ON agents (workspace_id) WHERE is_default = 1;

CREATE UNIQUE INDEX uq_turns_running ON turns (conversation_id) WHERE status = 'running';

CREATE TRIGGER search_memories_added AFTER INSERT ON memories BEGIN INSERT INTO search_memories(rowid, who, words) VALUES (new.number, new.who, new.words); END;

CREATE TRIGGER search_memories_changed AFTER UPDATE OF who, words ON memories BEGIN INSERT INTO search_memories(search_memories, rowid, who, words) VALUES ('delete', old.number, old.who, old.words); INSERT INTO search_memories(rowid, who, words) VALUES (new.number, new.who, new.words); END;

CREATE TRIGGER search_memories_gone AFTER DELETE ON memories BEGIN INSERT INTO search_memories(search_memories, rowid, who, words) VALUES ('delete', old.number, old.who, old.words); END;

INSERT INTO alembic_version VALUES ('0075');

