/** What `--example` prints: every key, with its default or, commented out, a value that it could have. */
export const EXAMPLE = `## The database, as a URI or as key=value pairs
db-uri = "postgres://authenticator:secret@localhost:5432/app"

## The role of requests without a token
db-anon-role = "anon"

## The schemas to expose; the first one is the default
db-schemas = "public"

## Schemas that are searched, but not exposed
db-extra-search-path = "public"

## A secret of 32 characters or more, a JWK or a set of them; "@path" reads it from a file
# jwt-secret = "secret_with_at_least_32_characters"
jwt-secret-is-base64 = false
# jwt-aud = "your_audience_claim"
jwt-role-claim-key = ".role"
jwt-cache-max-entries = 1000

## Rows in one answer at most
# db-max-rows = 1000

## A function to call before each request
# db-pre-request = "check_request"

## A function whose result stands at the root instead of the OpenAPI document
# db-root-spec = "root"

## How transactions end: commit, commit-allow-override, rollback, rollback-allow-override
db-tx-end = "commit"

## avg(), count(), max(), min() and sum() in select
# db-aggregates-enabled = true

## Execution plans by Accept: application/vnd.pgrst.plan
# db-plan-enabled = true

## Settings of functions that hold for the whole transaction
db-hoisted-tx-settings = "statement_timeout, plan_filter.statement_cost_limit, default_transaction_isolation"

## Connections at most, and times in seconds
db-pool = 10
db-pool-acquisition-timeout = 10
db-pool-max-idletime = 30
db-pool-max-lifetime = 1800

## Both have to be off behind a pooler in transaction mode
db-prepared-statements = true
db-channel-enabled = true
db-channel = "pgrst"

## The document at the root: follow-privileges, ignore-privileges or disabled
openapi-mode = "follow-privileges"
openapi-security-active = false
# openapi-server-proxy-uri = "https://example.com:8443/basePath"

## Settings that SQL reads with current_setting('app.settings.name')
# app.settings.name = "value"

server-host = "!4"
server-port = 3000
# server-unix-socket = "/run/backyard-rest.sock"
server-unix-socket-mode = "660"
# server-cors-allowed-origins = "https://example.com, https://example.org"
# server-trace-header = "X-Request-Id"
server-timing-enabled = false

## /live, /ready, /metrics, /schema_cache and /config, without authentication
# admin-server-host = "localhost"
# admin-server-port = 3001

## crit, error, warn, info or debug
log-level = "error"
`;
