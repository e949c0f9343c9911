#!/usr/bin/env bash
# Boots Debian's kernel 6.1 in QEMU, loads the datapath there and forwards between two hosts.
# run.sh ROOT JDK: as root, after a build; takes one to three minutes, for QEMU emulates the processor.
set -euo pipefail

root=$1
jdk=$2
lib=$root/cli/target/lib
kernel=$(ls /boot/vmlinuz-6.1.*-cloud-* | sort -V | tail -n 1)
release=${kernel#/boot/vmlinuz-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
image=$work/image

mkdir -p "$image"/{bin,usr/bin,modules,jars,proc,sys,dev,run,tmp}
"$jdk/bin/jlink" --add-modules java.base,java.logging,java.management,java.naming,java.xml,jdk.management,jdk.unsupported \
  --strip-debug --no-header-files --no-man-pages --output "$image/jre"
cp "$lib"/weft-{datapath,net,state,vrouter,lab,bench}*.jar "$image/jars/"

# copy FILE...: with the libraries that it needs, under the same names.
copy() {
  local file library
  for file in "$@"; do
    mkdir -p "$image$(dirname "$file")"
    cp -L "$file" "$image$file"
    for library in $(ldd "$file" 2>/dev/null | grep -o '/[^ ]*' || true); do
      case $library in "$work"*) continue ;; esac
      mkdir -p "$image$(dirname "$library")"
      cp -L "$library" "$image$library"
    done
  done
}
for program in busybox ip tc ethtool nsenter ping sysctl; do
  file=$(command -v "$program")
  copy "$file"
  [ "$file" = "/bin/$program" ] || cp -L "$file" "$image/bin/$program"
done
copy "$(ls /usr/lib/*/libbpf.so.1 | head -n 1)"
for library in "$image"/jre/lib/server/libjvm.so "$image"/jre/lib/lib{java,net,nio,jli}.so "$image"/jre/bin/java; do
  for file in $(ldd "$library" | grep -o '/[^ ]*' || true); do
    case $file in "$work"*) ;; *) copy "$file" ;; esac
  done
done

order=()
module() {
  local name=$1 needs file
  needs=$(modinfo -k "$release" -F depends "$name")
  for each in ${needs//,/ }; do module "$each"; done
  file=$(modinfo -k "$release" -F filename "$name")
  case $file in
    /*)
      [ -e "$image/modules/$(basename "$file")" ] || order+=("$(basename "$file")")
      cp "$file" "$image/modules/"
      ;;
  esac
}
for name in veth tun sch_ingress cls_bpf; do module "$name"; done
printf '%s\n' "${order[@]}" >"$image/modules/order"

cat >"$image/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /usr/bin
export PATH=/bin:/usr/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t tmpfs run /run
mount -t tmpfs tmp /tmp
for module in $(cat /modules/order); do insmod /modules/$module; done
mkdir -p /run/netns
ip link set lo up
echo "kernel $(uname -r)"
/jre/bin/java --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx256m \
  -cp '/jars/*' weft.bench.vrouter.KernelCheck 2>&1
[ "$(cat /proc/sys/kernel/tainted)" = 0 ] || echo 'the kernel is tainted'
poweroff -f
INIT
chmod +x "$image/init"
(cd "$image" && find . | cpio -o -H newc --quiet) >"$work/initramfs"

timeout "${WEFT_KERNEL_LIMIT:-600}" qemu-system-x86_64 -accel tcg -smp 2 -cpu max -m 1024 -nodefaults -display none \
  -no-reboot -serial stdio -kernel "$kernel" -initrd "$work/initramfs" -append 'console=ttyS0 quiet panic=-1' |
  tr -d '\r' | tee "$work/said"
grep -q '^weft-kernel-check passed$' "$work/said"
