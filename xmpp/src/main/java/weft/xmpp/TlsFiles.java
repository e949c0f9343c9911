package weft.xmpp;

import java.nio.file.Path;

/**
 * What a peer proves itself by and judges others by, in PEM; the files may be replaced while it
 * runs, for the sessions that follow.
 *
 * @param certificate its own and those that lead to the authority; an agent's has the agent's name
 * @param key PKCS#8, not encrypted
 * @param authority whose certificates are taken
 */
public record TlsFiles(Path certificate, Path key, Path authority) {}
