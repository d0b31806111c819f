#pragma once

namespace brasa::detail {

/// The opcodes of pickle's protocol 2 that torch.save writes, and a few more that torch.load takes.
/// What follows an opcode stands behind it; numbers are little-endian.
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
};

}  // namespace brasa::detail
