import type { Page } from 'playwright-core';

export function withPage<T>(use: (page: Page) => Promise<T>): Promise<T>;
export function signInAndApprove(page: Page, person: { email: string; password: string }): Promise<void>;
