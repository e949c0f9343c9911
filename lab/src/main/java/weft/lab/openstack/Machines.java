package weft.lab.openstack;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import weft.lab.GuestImage;

/** What virtual machines of the site are made of: an image and a flavor. */
final class Machines {
  static final String IMAGE = "tiny";
  static final String FLAVOR = "tiny";

  private static final int DISK_BYTES = 1 << 20;

  private Machines() {}

  /** Packs the image and makes it known, with the flavor. */
  static void prepare(Site site) {
    GuestImage image = GuestImage.make(site.directory("image"), GuestImage.CLOUD);
    try (Cloud cloud = new Cloud(site, "admin")) {
      String kernel = cloud.image(IMAGE + "-kernel", image.kernel(), "");
      String initramfs = cloud.image(IMAGE + "-initramfs", image.initramfs(), "");
      String _ =
          cloud.image(
              IMAGE,
              emptyDisk(site),
              ",'kernel_id':'%s','ramdisk_id':'%s','os_command_line':'console=ttyS0 quiet panic=-1'"
                  .formatted(kernel, initramfs));
      cloud.post(
          "nova",
          "/v2.1/flavors",
          "{'flavor':{'name':'%s','id':'1','ram':192,'vcpus':1,'disk':1}}".formatted(FLAVOR));
    }
  }

  /** Nova wants one; the machines live in memory. */
  private static Path emptyDisk(Site site) {
    Path file = site.directory("image").resolve("disk");
    try (RandomAccessFile disk = new RandomAccessFile(file.toFile(), "rw")) {
      disk.setLength(DISK_BYTES);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }
}
