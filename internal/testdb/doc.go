// Package testdb starts throwaway PostgreSQL and MariaDB servers for tests, and
// makes an empty database for each.
//
// A server is started when a test first asks for it, once for each test
// program, and ends with it. Where the server programs are not installed, the
// variables FASTMIGRATE_TEST_POSTGRES_URL and FASTMIGRATE_TEST_MYSQL_URL name
// servers to use instead; with neither, the test fails and says so.
package testdb
