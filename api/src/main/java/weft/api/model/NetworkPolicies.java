package weft.api.model;

/** Network policies: rules with uuids. */
final class NetworkPolicies implements Behaviour {
  @Override
  public void onCreate(Draft draft) {
    PolicyRules.ofPolicy(draft, "network_policy_entries");
  }

  @Override
  public void onUpdate(Draft draft) {
    PolicyRules.ofPolicy(draft, "network_policy_entries");
  }
}
