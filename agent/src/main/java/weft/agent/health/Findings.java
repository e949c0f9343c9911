package weft.agent.health;

/** Hears what a probe finds, on the loop. */
interface Findings {
  void good(String detail);

  void bad(String detail);
}
