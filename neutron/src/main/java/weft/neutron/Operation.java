package weft.neutron;

/** What a call wants done. */
enum Operation {
  CREATE,
  READ,
  UPDATE,
  DELETE,
  READALL,
  READCOUNT,
  ADDINTERFACE,
  DELINTERFACE,
  ADD_SUBPORTS,
  REMOVE_SUBPORTS,
  INSERT_RULE,
  REMOVE_RULE
}
