package weft.datapath;

import java.lang.foreign.MemorySegment;
import java.util.function.BiConsumer;
import weft.vrouter.Service;
import weft.vrouter.TableKey.ServiceKey;

/** Services of this host for guests of every network. */
final class ServiceTable implements Table<ServiceKey, Service> {
  private final KernelMap map;
  private final int address;
  private final int port;
  private final int protocol;
  private final int socketPort;

  ServiceTable(BpfObject object) {
    Struct key = object.struct("service_key");
    Struct value = object.struct("service_value");
    map = object.map("services", key.size(), value.size());
    address = key.at("address");
    port = key.at("port");
    protocol = key.at("protocol");
    socketPort = value.at("port");
  }

  private MemorySegment key(ServiceKey key) {
    MemorySegment k = map.key();
    Bytes.ip(k, address, key.address());
    Bytes.u16(k, port, key.port());
    Bytes.u8(k, protocol, key.protocol());
    return k;
  }

  @Override
  public void put(ServiceKey key, Service service) {
    MemorySegment v = map.value();
    Bytes.u16(v, socketPort, service.port());
    map.put(key(key), v);
  }

  @Override
  public void remove(ServiceKey key) {
    map.delete(key(key));
  }

  @Override
  public void forEach(BiConsumer<ServiceKey, Service> consumer) {
    map.forEach((k, v) ->
        consumer.accept(
            new ServiceKey(Bytes.ipv4(k, address), Bytes.u16(k, port), Bytes.u8(k, protocol)),
            new Service(Bytes.u16(v, socketPort))));
  }
}
