import type { identity } from '@backyard/contracts/identity';
import { hasLength, PASSWORD_LENGTH } from '../../domain/user.ts';
import { Fault } from '../../kernel/fault.ts';
import { changePassword } from '../../operations/identity/change-password.ts';
import { login } from '../../operations/identity/login.ts';
import { listProviders } from '../../operations/identity/providers.ts';
import { listSessions, type SessionPage } from '../../operations/session/list.ts';
import { revokeOwnSession, revokeSession } from '../../operations/session/revoke.ts';
import { revokeOtherSessions } from '../../operations/session/revoke-others.ts';
import { endedSessionCookie, sessionCookie } from '../kit/browser.ts';
import type { Implementations } from '../kit/surface.ts';

type Names =
  | 'provider.list'
  | 'session.create'
  | 'session.list'
  | 'session.revoke'
  | 'session.revoke-current'
  | 'session.revoke-others'
  | 'identity.change-password';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An id of another form is the id of no session. */
function parseSessionId(text: string): string {
  if (!UUID.test(text)) throw new Fault('session.not-found', 'no such id');
  return text.toLowerCase();
}

function presentSession(session: SessionPage['sessions'][number], currentId: string | null) {
  return {
    id: session.id,
    kind: session.carrier === 'cookie' ? 'browser' : 'token',
    method: session.method,
    address: session.address,
    user_agent: session.user_agent,
    created_at: session.created_at.toISOString(),
    last_seen_at: session.last_seen_at.toISOString(),
    expires_at: session.expires_at.toISOString(),
    is_current: session.id === currentId,
  };
}

export const sessionImplementations: Pick<Implementations<typeof identity>, Names> = {
  'provider.list': async ({ context }) => ({
    status: 200,
    body: {
      providers: listProviders(context).map(({ name, title, health }) => ({
        name,
        title,
        login_url: `/auth/login?provider=${name}`,
        status: health.state,
        message: health.state === 'unavailable' ? health.reason : null,
      })),
    },
  }),

  'session.create': async ({ context, origin, body, browser }) => {
    // Another site's page must not sign its visitors in as somebody else.
    browser.assertSameSite();
    const earlierSession = browser.sessionCookie;
    const { user, ...session } = await login(context, origin, { ...body, carrier: 'cookie', earlierSession });
    return {
      status: 201,
      body: {
        expires_in: session.expiresInSeconds,
        user: { id: user.id, username: user.username, is_admin: user.is_admin },
      },
      headers: { 'set-cookie': sessionCookie(browser, session), 'cache-control': 'no-store' },
    };
  },

  'session.list': async ({ context, caller, origin, query }) => {
    const input = { limit: Number(query.limit ?? 50), offset: Number(query.offset ?? 0) };
    const { sessions, total } = await listSessions.invoke(context, { caller, origin, input });
    const body = { sessions: sessions.map((session) => presentSession(session, caller.sessionId)), total };
    return { status: 200, body };
  },

  'session.revoke': async ({ context, caller, origin, params }) => {
    const input = { id: parseSessionId(params.session_id) };
    await revokeSession.invoke(context, { caller, origin, input });
    return { status: 200, body: { status: 'success', message: 'Session ended' } };
  },

  'session.revoke-current': async ({ context, caller, origin, browser }) => {
    await revokeOwnSession.invoke(context, { caller, origin, input: undefined });
    return {
      status: 200,
      body: { status: 'success', message: 'Session ended' },
      ...(caller.isAmbient && { headers: { 'set-cookie': endedSessionCookie(browser) } }),
    };
  },

  'session.revoke-others': async ({ context, caller, origin }) => {
    const revoked = await revokeOtherSessions.invoke(context, { caller, origin, input: undefined });
    return { status: 200, body: { status: 'success', message: 'Other sessions ended', revoked } };
  },

  'identity.change-password': async ({ context, caller, origin, body, browser }) => {
    if (!hasLength(body.new_password, PASSWORD_LENGTH)) {
      throw new Fault('password.length', 'the new password is too short or too long');
    }
    const input = {
      currentPassword: body.current_password,
      newPassword: body.new_password,
      carrier: caller.isAmbient ? ('cookie' as const) : ('bearer' as const),
    };
    const session = await changePassword.invoke(context, { caller, origin, input });
    return {
      status: 200,
      body: {
        status: 'success',
        message: 'Password changed',
        expires_in: session.expiresInSeconds,
        // A browser's secret stays in its cookie, out of reach of scripts.
        ...(caller.isAmbient ? {} : { token: session.secret }),
      },
      headers: {
        'cache-control': 'no-store',
        ...(caller.isAmbient && { 'set-cookie': sessionCookie(browser, session) }),
      },
    };
  },
};
