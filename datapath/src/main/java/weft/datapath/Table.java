package weft.datapath;

import java.util.function.BiConsumer;
import weft.vrouter.TableKey;
import weft.vrouter.TableValue;

/**
 * One kind of forwarding entry and the kernel maps that hold it. Writing throws {@link
 * DatapathException} where the kernel refuses.
 */
interface Table<K extends TableKey, V extends TableValue> {
  void put(K key, V value);

  void remove(K key);

  void forEach(BiConsumer<K, V> consumer);
}
