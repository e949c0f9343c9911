package weft.routing;

/** Why a path has the place that it has among the paths of its route. */
public sealed interface Decision {

  /** There is no other. */
  record OnlyPath() implements Decision {
    @Override
    public String toString() {
      return "OnlyPath";
    }
  }

  /** It is the best; the next one was left behind at this step. */
  record Preferred(Criterion by) implements Decision {
    @Override
    public String toString() {
      return "Preferred(" + by + ")";
    }
  }

  /** It is used together with the best, which comes first by this step. */
  record EqualCost(Criterion by) implements Decision {
    @Override
    public String toString() {
      return "EqualCost(" + by + ")";
    }
  }

  /** It is not used: the best is better at this step. */
  record NotPreferred(Criterion by) implements Decision {
    @Override
    public String toString() {
      return "NotPreferred(" + by + ")";
    }
  }

  /** The policy of the instance does not let it in. */
  record Rejected() implements Decision {
    @Override
    public String toString() {
      return "Rejected";
    }
  }

  /** The fabric has no route to its next hop. */
  record Unreached() implements Decision {
    @Override
    public String toString() {
      return "Unreached";
    }
  }

  /** It cannot be used. */
  record Infeasible() implements Decision {
    @Override
    public String toString() {
      return "Infeasible";
    }
  }
}
