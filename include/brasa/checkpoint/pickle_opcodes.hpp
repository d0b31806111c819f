#pragma once

namespace brasa::detail {

/// The opcodes of pickle's protocol 2 that torch.save writes, and a few more that torch.load takes;
/// then those of the other protocols, which torch.save writes if it is asked to. What follows an
/// opcode stands behind it; numbers are little-endian, a line ends with a newline.
///
/// They are described in CPython's Lib/pickletools.py.
enum class Opcode : char {
  proto = '\x80',         // u8: the protocol
  stop = '.',             //
  mark = '(',             //
  none = 'N',             //
  newtrue = '\x88',       //
  newfalse = '\x89',      //
  binint1 = 'K',          // u8
  binint2 = 'M',          // u16
  binint = 'J',           // i32
  long1 = '\x8a',         // u8: the length, two's complement
  binfloat = 'G',         // a double, big-endian
  binunicode = 'X',       // u32: the length, UTF-8
  short_binstring = 'U',  // u8: the length, bytes
  empty_tuple = ')',      //
  tuple1 = '\x85',        // of the topmost item,
  tuple2 = '\x86',        // two,
  tuple3 = '\x87',        // three,
  tuple = 't',            // all above the mark
  empty_list = ']',       //
  append = 'a',           // the topmost item,
  appends = 'e',          // all above the mark
  empty_dict = '}',       //
  setitem = 's',          // the topmost key and value,
  setitems = 'u',         // all above the mark
  empty_set = '\x8f',     //
  global = 'c',           // module, newline, name, newline
  newobj = '\x81',        //
  reduce = 'R',           // calls with a tuple
  build = 'b',            // sets attributes
  binpersid = 'Q',        // a storage by what identifies it
  binput = 'q',           // u8: the number under which the topmost object is kept
  long_binput = 'r',      // u32
  binget = 'h',           // u8
  long_binget = 'j',      // u32

  int_text = 'I',             // a line: an int, or 00 and 01 for False and True
  long_text = 'L',            // a line: an int, perhaps with an L behind it
  float_text = 'F',           // a line
  unicode = 'V',              // a line: Latin-1 with escapes
  list = 'l',                 // of all above the mark
  dict = 'd',                 // of the keys and values above the mark
  put = 'p',                  // a line: the number under which the topmost object is kept
  get = 'g',                  // a line
  persid = 'P',               // a line: a storage
  binstring = 'T',            // u32: the length, bytes
  binbytes = 'B',             // u32: the length, a bytes object; and with lengths of other sizes:
  short_binbytes = 'C',       // u8
  binbytes8 = '\x8e',         // u64
  bytearray8 = '\x96',        // u64
  long4 = '\x8b',             // u32: the length, two's complement
  short_binunicode = '\x8c',  // u8: the length, UTF-8
  binunicode8 = '\x8d',       // u64
  additems = '\x90',          // all above the mark, to a set
  stack_global = '\x93',      // the topmost module and name
  memoize = '\x94',           // keeps the topmost object under the next number
  frame = '\x95',             // u64: how many bytes follow in one piece
};

}  // namespace brasa::detail
