/** Browsers take a cookie of this beginning only over HTTPS, for this host alone and the whole of it. */
const SECURE_NAME = '__Host-openledger_session';
const PLAIN_NAME = 'openledger_session';

/** The session token that a browser sends along; undefined without one. */
export function sessionCookie(headers: Pick<Headers, 'get'>): string | undefined {
  for (const part of headers.get('cookie')?.split(';') ?? []) {
    const [name, value] = part.trim().split('=', 2);
    if (name === SECURE_NAME || name === PLAIN_NAME) return value;
  }
  return undefined;
}

/** The `Set-Cookie` that gives a browser its session, which scripts cannot read, or with an empty token takes it away. */
export function setSessionCookie(publicUrl: URL, token: string, maxAgeSeconds: number): string {
  const secure = publicUrl.protocol === 'https:';
  return [
    `${secure ? SECURE_NAME : PLAIN_NAME}=${token}`,
    'Path=/',
    `Max-Age=${maxAgeSeconds}`,
    'HttpOnly',
    'SameSite=Lax',
    ...(secure ? ['Secure'] : []),
  ].join('; ');
}
