// Package importtest is a module of its own, in which the other tools migrate
// databases for the tests of fastmigrate import, so that they are no
// dependencies of fastmigrate.
package importtest
