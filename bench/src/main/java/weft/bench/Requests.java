package weft.bench;

import java.nio.charset.StandardCharsets;

/** The bytes of requests to the config API. */
final class Requests {
  private static final String PROJECT = "[\"default-domain\",\"default-project\",";

  private Requests() {}

  static byte[] get(String path) {
    return bytes("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:8082\r\n\r\n");
  }

  static byte[] post(String path, String body) {
    return bytes(
        "POST "
            + path
            + " HTTP/1.1\r\nHost: 127.0.0.1:8082\r\nContent-Type: application/json\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body);
  }

  private static byte[] bytes(String ascii) {
    return ascii.getBytes(StandardCharsets.US_ASCII);
  }

  static byte[] network(String name) {
    return post(
        "/virtual-networks",
        "{\"virtual-network\":{\"parent_type\":\"project\",\"fq_name\":"
            + PROJECT
            + "\""
            + name
            + "\"]}}");
  }

  /** A network with one subnet of `10.<b>.0.0/16`. */
  static byte[] networkWithSubnet(String name, int b) {
    return post(
        "/virtual-networks",
        ("{\"virtual-network\":{\"parent_type\":\"project\",\"fq_name\":"
                + PROJECT
                + "\"%s\"],\"network_ipam_refs\":[{\"to\":"
                + PROJECT
                + "\"default-network-ipam\"],\"attr\":{\"ipam_subnets\":[{\"subnet\":"
                + "{\"ip_prefix\":\"10.%d.0.0\",\"ip_prefix_len\":16}}]}}]}}")
            .formatted(name, b));
  }

  static byte[] project(String name) {
    return post(
        "/projects",
        "{\"project\":{\"parent_type\":\"domain\",\"fq_name\":[\"default-domain\",\""
            + name
            + "\"]}}");
  }

  /** In a network of the default project. */
  static byte[] port(String project, String name, String network) {
    return post(
        "/virtual-machine-interfaces",
        "{\"virtual-machine-interface\":{\"parent_type\":\"project\",\"fq_name\":[\"default-domain\",\""
            + project
            + "\",\""
            + name
            + "\"],\"virtual_network_refs\":[{\"to\":"
            + PROJECT
            + "\""
            + network
            + "\"]}]}}");
  }

  static byte[] instanceIp(String name, String network, String portUuid) {
    return post(
        "/instance-ips",
        "{\"instance-ip\":{\"fq_name\":[\""
            + name
            + "\"],\"virtual_network_refs\":[{\"to\":"
            + PROJECT
            + "\""
            + network
            + "\"]}],\"virtual_machine_interface_refs\":[{\"uuid\":\""
            + portUuid
            + "\"}]}}");
  }

  static byte[] portRead(String uuid) {
    return get("/virtual-machine-interface/" + uuid);
  }
}
