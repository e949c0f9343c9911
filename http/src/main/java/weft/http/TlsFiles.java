package weft.http;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The files that a server proves itself by, in PEM; they may be replaced while it runs.
 *
 * @param certificate its own and those that lead to the authority
 * @param key PKCS#8, not encrypted
 * @param clientCa clients must show a certificate signed by one of these; null to ask for none
 */
public record TlsFiles(Path certificate, Path key, @Nullable Path clientCa) {}
