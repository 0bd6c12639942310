// Package typemap decides how JSON becomes PostgreSQL columns. It holds four things and does no input or output of its
// own:
//
//   - [Fields] turns a stream's JSON Schema into columns. Every property of the
//     schema gets a column, and that column holds every value which the schema
//     admits; a schema that is hard to follow costs precision of the type (jsonb
//     at worst), never a column.
//   - [Compile] turns columns into a [Plan], whose walkers write a record's bytes
//     as CSV fields in one pass. [AppendTextRow] and [BinaryRows] make rows of
//     COPY's other formats of these.
//   - [Widen] is the type-change lattice: which type an existing column must
//     become to hold what a changed schema asks for, and by which expression,
//     without changing one value that is already there.
//   - [Identifier] and [Identifiers] make names that PostgreSQL keeps as they are.
//
// Everything here is a pure function of its arguments: the same schema gives the same columns and names on every run,
// in every process.
package typemap
