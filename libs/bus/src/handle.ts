import { Catch, Controller, UseFilters, type ExceptionFilter } from '@nestjs/common';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import type { Contract, EventContract, RequestContract } from '@gatehouse/contracts';
import { throwError, type Observable } from 'rxjs';
import type { z } from 'zod';

type ClassWith<Method> = new (...args: never[]) => Method;

/** Nest would log what a handler throws and replace it; the bus tells failures from bugs itself. */
@Catch()
class Unchanged implements ExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/**
 * Makes a class the use case behind a request: its method `handle` answers. List the class among its module's
 * `controllers`; Nest constructs it, constructor parameters injected.
 */
export function Handle<Req extends z.ZodType, Rep extends z.ZodType>(contract: RequestContract<Req, Rep>) {
  // Function types, not methods: the compiler then refuses a parameter that is narrower than the contract's.
  return (
    target: ClassWith<{ handle: (request: z.output<Req>) => Promise<z.input<Rep>> | z.input<Rep> }>,
  ): void => bind(target, 'handle', contract);
}

/** Makes a class hear an event: its method `on` is called, in every replica. Registered as for {@link Handle}. */
export function Listen<Payload extends z.ZodType>(contract: EventContract<Payload>) {
  return (target: ClassWith<{ on: (payload: z.output<Payload>) => Promise<void> | void }>): void =>
    bind(target, 'on', contract);
}

function bind(target: ClassWith<object>, method: string, contract: Contract): void {
  const prototype = target.prototype as object;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, method);
  if (!descriptor)
    throw new Error(`${target.name} has no method ${method} of its own for ${contract.subject}`);
  const pattern = contract.kind === 'request' ? MessagePattern : EventPattern;
  pattern(contract.subject, { contract })(prototype, method, descriptor);
  UseFilters(new Unchanged())(target);
  Controller()(target);
}
