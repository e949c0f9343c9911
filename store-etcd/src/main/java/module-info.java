/** The store on an etcd cluster. */
@org.jspecify.annotations.NullMarked
module weft.store.etcd {
  requires static transitive org.jspecify;
  requires transitive weft.store;
  requires com.google.protobuf;
  requires io.grpc;
  requires io.grpc.netty;
  requires io.grpc.stub;
  requires io.netty.handler;
  requires jetcd.grpc;
  requires org.slf4j;

  exports weft.store.etcd;
}
