import { EndMySession } from './end-my-session.endpoint.js';
import { EndMySessions } from './end-my-sessions.endpoint.js';
import { EndUserSession } from './end-user-session.endpoint.js';
import { ListMySessions } from './list-my-sessions.endpoint.js';
import { ListUserSessions } from './list-user-sessions.endpoint.js';

export const sessions = [EndMySession, EndMySessions, EndUserSession, ListMySessions, ListUserSessions];
