// Package configparser reads the ini files that Python's configparser reads.
//
// fastmigrate's `.fastmigrate` file was read by configparser.ConfigParser with
// its default settings, and files written for it must mean the same here. So
// the rules are those of that class, in Python 3.11 and 3.12, and not those of
// some ini dialect of our own:
//
//   - `=` or `:` divides a name from its value, whichever comes first;
//   - a line whose first visible character is `#` or `;` is a comment, and
//     nothing else is: `db = a.db # main` names a file "a.db # main";
//   - a line indented deeper than the option above it continues its value,
//     and empty lines in between belong to the value;
//   - names of options are compared in lower case, names of sections exactly;
//   - options of [DEFAULT] show in every section;
//   - `%(name)s` stands for another option's value, `%%` for a percent sign.
//
// Three things are kinder than there. A UTF-8 byte order mark is skipped, a
// percent sign that starts neither `%%` nor `%(` stands for itself, and asking
// for what is absent is no error, so that an empty file, or one that has other
// sections only, is as good as none. One is stricter: a file above MaxSize is
// refused, since a database named by mistake should not be read to its end.
//
// Names are lowered one character at a time. Python differs for two letters,
// `İ` and a final `Σ`, which nobody has yet put in the name of an option.
package configparser
